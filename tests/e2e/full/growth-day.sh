# Allocations of a day, as fast as they come: the verdicts are those of the bytes. The reporter lags behind then, and
# rates in seconds are not compared.
. "$TOP/tests/e2e/growth_lib.sh"
victim growth
for kind in $LEAKING $OTHERS; do grow "$kind" 86400 0 1; done
for kind in $LEAKING; do leak_grows "$kind"; done
for kind in $OTHERS; do grows_not "$kind"; done
