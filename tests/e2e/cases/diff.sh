# memwatch diff and memwatch merge on JSON reports.
. "$TOP/tests/e2e/lib.sh"
cat >leaks.c <<'END'
#include <stdlib.h>
static void *volatile sink;
static __attribute__((noinline)) void lose(int n) { for (; n > 0; n--) { sink = malloc(100); sink = NULL; } }
static __attribute__((noinline)) void lose_more(int n) { for (; n > 0; n--) { sink = malloc(50); sink = NULL; } }
int main(int argc, char **argv)
{
	(void)argc;
	lose(atoi(argv[1]));
	lose_more(atoi(argv[2]));
	return 0;
}
END
gcc -g -o leaks leaks.c || fail "cannot compile"
for run in "1 0" "5 1" "0 1"; do
	watch ./leaks $run
	mv report.json "run-${run% *}-${run#* }.json"
done

differ() { # differ STATUS OPTION... OLD NEW
	differ_status=$1
	shift
	status=0
	"$MEMWATCH" diff "$@" >stdout 2>stderr || status=$?
	expect "status of diff $*" "$status" "$differ_status"
}

differ 0 run-1-0.json run-5-1.json
grep -q '^memwatch: 1 new, 0 gone, 1 grew: from run-1-0.json to run-5-1.json$' stdout || fail "$(cat stdout)"
grep -qE '^new leak: 50 bytes in 1 block \([0-9a-f]{16}\)$' stdout || fail "$(cat stdout)"
grep -qE '^grew leak: 500 bytes in 5 blocks, was 100 bytes in 1 block \(' stdout || fail "$(cat stdout)"
grep -q '    > lose_more at ' stdout || fail "no stack: $(cat stdout)"
differ 23 --fail-on=new run-1-0.json run-5-1.json
differ 5 --fail-on=grew --exit-code=5 run-1-0.json run-5-1.json
differ 0 --fail-on=grew run-1-0.json run-1-0.json
differ 0 -q run-1-0.json run-1-0.json
expect "a quiet diff of equal reports" "$(cat stdout)" ""
differ 0 --json=- run-5-1.json run-0-1.json
expect "as JSON" \
	"$(jq -c '[.schema, .new, .gone, (.changes[0] | .before.blocks, .frames[0].function)]' stdout)" \
	'["memwatch-diff/1",0,1,5,"lose"]'
differ 2 run-1-0.json
differ 2 --fail-on=definite run-1-0.json run-1-0.json
differ 125 run-1-0.json no-such.json
head -c 300 run-1-0.json >cut.json
differ 125 run-1-0.json cut.json
expect_match "message" "$(cat stderr)" 'cannot read the report cut.json: it is not JSON: line [0-9]+'

# three shards as one
status=0
"$MEMWATCH" merge --json=report.json --text=text --fail-on=leak --max-leaked=1K run-*.json >stdout 2>stderr ||
	status=$?
expect "status of merge" "$status $(json '[.gate.failures[].rule] | join(",")')" "23 definite"
expect "processes" "$(json '.processes | length') $(json '.processes[0].merged')" "1 3"
expect "sums" "$(leaks_by_function)" "lose 6 600
lose_more 2 100"
expect "totals" "$(total live_bytes)" 700
grep -q '^memwatch: ./leaks .*3 processes' text || fail "the text does not tell of 3 processes: $(head -n 3 text)"
"$MEMWATCH" merge --json=again.json report.json run-1-0.json >stdout || fail "a merged report cannot be merged"
expect "merged again" "$(jq '.processes[0].merged' again.json)" 4
grep -q 'definitely lost' stdout || fail "the text of merge does not go to stdout"
status=0
"$MEMWATCH" merge run-1-0.json cut.json >stdout 2>stderr || status=$?
expect "a broken shard" "$status$(cat stdout)" 125
"$MEMWATCH" merge --write-baseline=known.json run-1-0.json run-5-1.json >/dev/null || fail "no baseline from a merge"
"$MEMWATCH" merge -q --baseline=known.json --fail-on=new run-0-1.json >/dev/null || fail "known findings fail"

# Recordings say the same as the reports of their runs.
"$MEMWATCH" -q -o old.rec ./leaks 1 0 >/dev/null 2>&1
"$MEMWATCH" -q -o new.rec ./leaks 5 1 >/dev/null 2>&1
differ 23 --fail-on=new old.rec new.rec
grep -q '^memwatch: 1 new, 0 gone, 1 grew: from old.rec to new.rec$' stdout || fail "$(cat stdout)"
differ 0 -q run-5-1.json new.rec
expect "a diff of a report and a recording of the same" "$(cat stdout)" ""
"$MEMWATCH" merge --json=merged.json old.rec new.rec >stdout 2>stderr || fail "merge of recordings: $(cat stderr)"
expect "blocks of both" "$(jq '[.processes[].verdicts.definite.blocks] | add' merged.json)" 7
