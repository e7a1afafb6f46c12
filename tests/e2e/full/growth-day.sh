# Allocations of four days, as fast as they come; one day is over in less than the second that a verdict takes at least.
# The verdicts are those of the bytes. The reporter lags behind, and rates in seconds are not compared.
. "$TOP/tests/e2e/growth_lib.sh"
victim growth
for kind in $LEAKING $OTHERS; do grow "$kind" 345600 0 1; done
for kind in $LEAKING; do leak_grows "$kind"; done
for kind in $OTHERS; do grows_not "$kind"; done
