# As verdict-valgrind: arrays with a count before the first object, and objects with several bases.
source=shapes_cxx
shapes="array_kept array_lost array_third_kept array_virtual_kept array_plain_kept array_empty_kept
	array_empty_lost second_base_kept second_bases_list both_bases_lost virtual_base_kept
	virtual_base_lost"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
