# As verdict-valgrind: pointers to elsewhere than the start, with tags, at odd addresses, in freed blocks.
shapes="interior_only interior_last_byte interior_of_list interior_and_start interior_on_the_way
	interior_among_lost possible_meets_reachable past_the_end tag_low tag_high odd_address only_in_freed"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
