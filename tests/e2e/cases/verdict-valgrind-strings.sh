# As verdict-valgrind: strings and sequences of C++.
source=shapes_cxx
shapes="string_lost string_kept string_characters_kept vector_lost vector_kept vector_second_kept list_lost
	list_kept deque_lost deque_kept"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
