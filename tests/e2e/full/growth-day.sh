# A day's worth of allocations, as fast as they come: the verdicts are those of the bytes.
. "$TOP/tests/e2e/growth_lib.sh"
victim growth
for kind in $LEAKING $OTHERS; do grow "$kind" 86400 0 1; done
for kind in $LEAKING; do grows "$kind"; done
for kind in $OTHERS; do grows_not "$kind"; done
