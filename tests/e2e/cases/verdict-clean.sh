# A program that holds or frees all it has, as far as valgrind is concerned, has nothing lost or possibly lost here.
. "$TOP/tests/e2e/lib.sh"

# clean PROGRAM [ARG...]
clean() {
	watch -- "$@"
	expect "status of $*" "$status" 0
	expect "lost in $*" "$(json '.processes[] | .verdicts | select(.scanned != true or
		.definite.blocks + .indirect.blocks + .possible.blocks + .unclassified.blocks > 0) | tostring')" ""
}

# The leak fixed: all freed.
victim shapes
for shape in list_lost doubly_lost tree_lost tree_branch_kept self_lost chain_on_cycle two_chains_into_cycle \
	cycle_of_cycles leaders_share_child interior_of_list interior_on_the_way tag_high; do
	clean "$victim" $shape - fixed
	expect "left by $shape" "$(total live_blocks)" 0
done

# The leak fixed: held until the end.
for shape in list_kept doubly_middle_kept cycle_kept length64 empty_kept aligned_kept large_holds; do
	clean "$victim" $shape
done
victim shapes_cxx
for shape in string_kept vector_kept deque_kept map_kept unordered_map_kept function_kept array_kept \
	array_empty_kept second_bases_list virtual_base_kept; do
	clean "$victim" $shape
done

clean ls /
for program in git sqlite3 /usr/bin/python3; do
	command -v $program >/dev/null || continue
	case $program in
	git) clean git --version ;;
	sqlite3) clean sqlite3 :memory: .tables ;;
	*) clean $program -c pass ;;
	esac
done
