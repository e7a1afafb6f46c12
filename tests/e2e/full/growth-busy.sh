# The same verdicts on one processor, and beside neighbours that take what they can get.
. "$TOP/tests/e2e/growth_lib.sh"
needs taskset
victim growth
all_kinds 2000 10 100 taskset -c 0
neighbours=
for _ in 1 2 3; do
	(while :; do :; done) &
	neighbours="$neighbours $!"
done
trap 'kill $neighbours' EXIT
for kind in $LEAKING $OTHERS; do
	grow "$kind" 1000 10 100 "$kind" taskset -c 0 &
	jobs="${jobs:-} $!"
done
wait $jobs
for kind in $LEAKING; do grows "$kind"; done
for kind in $OTHERS; do grows_not "$kind"; done
