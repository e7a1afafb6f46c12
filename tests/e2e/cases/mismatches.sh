# Each release that does not fit is told with both places, as often as valgrind tells it; the program ends as it would.
. "$TOP/tests/e2e/lib.sh"
needs g++
victim mismatches

# "KIND COUNT ALLOCATOR DEALLOCATOR BYTES ALLOCATED-IN FREED-IN"
told() {
	json '.processes[0].mismatches[] | [.kind, .count, .allocator, .deallocator, .bytes,
		.alloc_frames[0].function, .free_frames[0].function] | map(. // "-") | join(" ")'
}

# check CASE LINE
check() {
	native "$victim" "$1"
	watch -- "$victim" "$1"
	expect "status of $1" "$status" "$native_status"
	expect_same "stdout of $1" stdout native.out
	expect_same "stderr of $1" stderr native.err
	expect "mismatches of $1" "$(told)" "$2"
	expect_complete "$1"
}

check new_free "mismatched-free 3 new free 12 new_free new_free"
check new_array_free "mismatched-free 1 new[] free 40 new_array_free new_array_free"
check new_array_delete "mismatched-free 1 new[] delete 80 new_array_delete new_array_delete"
check new_delete_array "mismatched-free 1 new delete[] 1 new_delete_array new_delete_array"
check malloc_delete "mismatched-free 1 malloc delete 30 malloc_delete malloc_delete"
check calloc_delete_sized "mismatched-free 1 calloc delete 31 calloc_delete_sized calloc_delete_sized"
check malloc_delete_array "mismatched-free 1 malloc delete[] 32 malloc_delete_array malloc_delete_array"
check aligned_free "mismatched-free 1 new free 128 aligned_free aligned_free"
check aligned_alloc_delete "mismatched-free 1 aligned_alloc delete 128 aligned_alloc_delete aligned_alloc_delete"
check nothrow_free "mismatched-free 1 new[] free 7 nothrow_free nothrow_free"
check new_realloc "mismatched-free 1 new[] realloc 40 new_realloc new_realloc"
check realloc_delete "mismatched-free 1 realloc delete 5000 realloc_delete realloc_delete"
check other_thread "mismatched-free 1 new[] free 240 other_thread other_thread::{lambda()#1}::operator()() const"
check double_free "double-free 1 malloc free 70 double_free double_free"
check double_delete "double-free 1 new delete 71 double_delete double_delete"
check free_inside "invalid-free 1 malloc free 72 free_inside free_inside"
check free_stack "invalid-free 1 - free 0 - free_stack"
check free_static "invalid-free 1 - free 0 - free_static"
check realloc_stack "invalid-free 1 - realloc 0 - realloc_stack"
check clean ""

# Where a block was freed first is told when each release has its stack: with a cost, so only if it is asked for.
watch "$victim" double_delete
grep -q 'freed first is not known; --free-stacks' text || fail "the text does not say how to know"
for name in double_free double_delete; do
	watch --free-stacks "$victim" $name
	expect "first free of $name" "$(json '.processes[0].mismatches[0] |
		"\(.first_free_frames[0].function) \(.first_free_frames[0].line < .free_frames[0].line)"')" "$name true"
	grep -q 'it was freed first at' text || fail "the text does not tell where"
	expect_complete "$name"
done
watch --free-stacks "$victim" new_free new_array_free malloc_delete other_thread clean
expect "mismatches with the stacks of all" "$(told | cut -d ' ' -f 1-3 | sort | paste -sd ,)" \
	"mismatched-free 1 malloc,mismatched-free 1 new[],mismatched-free 1 new[],mismatched-free 3 new"
expect_complete "with the stacks of all"

# Some of the blocks have been displaced from the shim's table: theirs has no second stack, but none is missed.
watch -- "$victim" many
expect "mismatches among many" "$(json '[.processes[0].mismatches[].count] | add')" 10000
expect "where they were allocated" \
	"$(json '[.processes[0].mismatches[].alloc_frames[0].function] | unique | join(" ")')" many

expect_match "the text" "$(cat text)" "Mismatched free\(\) / delete / delete \[\] \([0-9,]* times\): many"
expect_match "the summary" "$(cat text)" "wrong frees +10,000 mismatched, 0 double, 0 invalid"

all="new_free new_array_free new_array_delete new_delete_array malloc_delete calloc_delete_sized malloc_delete_array
	aligned_free aligned_alloc_delete nothrow_free new_realloc realloc_delete other_thread many clean"
if command -v valgrind >/dev/null; then
	# shellcheck disable=SC2086
	valgrind "$victim" $all >/dev/null 2>valgrind.err || fail "valgrind: $(cat valgrind.err)"
	# shellcheck disable=SC2086
	watch -- "$victim" $all
	expect "mismatches of all" "$(json '[.processes[0].mismatches[].count] | add')" \
		"$(sed -n 's/.*ERROR SUMMARY: \([0-9,]*\) errors.*/\1/p' valgrind.err | tr -d ,)"
fi
