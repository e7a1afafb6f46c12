# Each kind of victim for 10 s and for a minute: what leaks grows, at its rate, and nothing else does.
. "$TOP/tests/e2e/growth_lib.sh"
victim growth
all_kinds 1000 10 100
all_kinds 6000 10 100
