# --metrics-file: there while the program runs, whole, and at the end with its last figures.
. "$TOP/tests/e2e/lib.sh"
victim children
status=0
"$MEMWATCH" -q --metrics-file=job.prom --interval=20ms "$victim" fork >stdout 2>stderr || status=$?
expect "other files" "$(ls | grep -c '^job.prom')" 1
grep -q '^memwatch_heap_peak_bytes [1-9]' job.prom || fail "no peak: $(cat job.prom)"
grep -q '^memwatch_processes 0$' job.prom || fail "processes that run: $(grep '^memwatch_processes' job.prom)"
grep -q '^memwatch_processes_seen_total 2$' job.prom || fail "processes seen: $(grep '^memwatch_processes' job.prom)"

"$MEMWATCH" -q --metrics-file=/dev/full/x.prom /bin/true >stdout 2>stderr
expect "status when it cannot be written" "$?" 125
expect_match "the message" "$(cat stderr)" '/dev/full/x.prom'
