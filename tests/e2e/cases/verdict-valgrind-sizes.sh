# As verdict-valgrind: sizes, the allocator's own pointers, realloc, and two of the heuristics.
shapes="length64 length64_not old_string old_string_not empty_lost empty_kept small_lost chunk_headers
	before_top realloc_moved realloc_list"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
