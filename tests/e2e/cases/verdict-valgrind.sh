# What is left in many shapes has the kinds, blocks and bytes that Memcheck finds. verdict-valgrind-*.sh do the same for
# other shapes: they set $source and $shapes, and read this file.
. "$TOP/tests/e2e/lib.sh"
needs valgrind
: "${source=shapes}"
: "${shapes=list_lost list_kept list_tail_kept list_long_lost doubly_lost doubly_kept doubly_middle_kept tree_lost
	tree_kept tree_branch_kept all_kinds}"
victim "$source"
gcc -g -O1 -shared -fPIC -fno-builtin -fno-inline -o module.so "$TOP/tests/e2e/victims/shapes_module.c" ||
	fail "cannot compile the module"

# A line "BLOCKS BYTES" each for definite, indirect, possible and reachable; valgrind is brief when there are none.
by_valgrind() {
	for kind in 'definitely lost' 'indirectly lost' 'possibly lost' 'still reachable'; do
		sed -n "s/.* $kind: \(.*\) bytes in \(.*\) blocks\$/\2 \1/p" valgrind.err | tr -d , | grep . || echo 0 0
	done
}

by_memwatch() {
	json '.processes[0].verdicts | .definite, .indirect, .possible, .reachable | "\(.blocks) \(.bytes)"'
}

# Where valgrind is wrong: what is right, made from what valgrind says (on stdin), and why.
corrected() {
	case $1 in
	two_chains_into_cycle)
		# A chain that enters a cycle elsewhere than at the block that valgrind took for the cycle's leader
		# leaves
		# that one definitely lost too, though the chain leads to it: 3 definite. The two chains lead.
		printf '%s\n' "2 80" "6 240" "0 0" "0 0"
		;;
	cycles_in_a_row)
		# The same: all hangs on the last of the three cycles.
		printf '%s\n' "1 40" "8 320" "0 0" "0 0"
		;;
	array_empty_kept)
		# new T[0] has a count only, and its pointer is behind the end: that is how the program holds it.
		awk 'NR == 1 { blocks = $1; bytes = $2; $0 = "0 0" } NR == 4 { $0 = $1 + blocks " " $2 + bytes } 1'
		;;
	threads_*)
		# Each thread's table of modules with thread-local storage is held by the thread, or by the stack that
		# is kept for the next one, one entry behind its start: "possibly lost". It belongs to the loader.
		# Here it
		# has one more entry, of 16 bytes, as libmemwatch.so is such a module.
		awk 'NR == 3 { blocks = $1; bytes = $2 + 16 * $1; $0 = "0 0" }
			NR == 4 { $0 = $1 + blocks " " $2 + bytes } 1'
		;;
	module_leak)
		# The loader aligns its table of mappings within a block, and holds the aligned address: "possibly lost"
		# unless malloc's own was as good.
		awk 'NR == 3 { blocks = $1; bytes = $2; $0 = "0 0" } NR == 4 { $0 = $1 + blocks " " $2 + bytes } 1'
		;;
	*)
		cat
		;;
	esac
}

valgrinds_word() {
	valgrind --leak-check=full --show-leak-kinds=all --run-libc-freeres=no --run-cxx-freeres=no \
		--child-silent-after-fork=yes "$victim" "$1" ./module.so >/dev/null 2>valgrind.err
}

# Valgrind is asked again where it says something else: a word somewhere may look like a block's address to it, once in
# a thousand runs.
check_shape() {
	valgrinds_word "$1" &
	watch --show=all "$victim" "$1" ./module.so
	wait $! || fail "valgrind on $1: $(cat valgrind.err)"
	expect "status of $1" "$status" 0
	by_memwatch >got
	by_valgrind | corrected "$1" >wanted
	cmp -s got wanted || { valgrinds_word "$1" && by_valgrind | corrected "$1" >wanted; }
	expect_same "definite, indirect, possible, reachable of $1" got wanted
	expect_complete "$1"
}

for shape in $shapes; do
	check_shape "$shape"
done
