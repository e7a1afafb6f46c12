# As verdict-valgrind: maps, and what the C++ library counts references of.
source=shapes_cxx
shapes="map_lost map_kept map_without_node unordered_map_lost unordered_map_kept map_of_vectors_lost
	shared_cycle function_kept exception_kept"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
