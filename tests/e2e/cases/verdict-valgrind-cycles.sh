# As verdict-valgrind: cycles, and blocks that two others point to.
shapes="self_lost leaders_share_child diamond cycle_lost cycle_kept chain_on_cycle chain_into_cycle
	two_chains_into_cycle cycle_into_cycle cycle_of_cycles cycles_in_a_row"
. "$TOP/tests/e2e/cases/verdict-valgrind.sh"
