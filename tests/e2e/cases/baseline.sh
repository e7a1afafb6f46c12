# Baselines: what is known passes, what is new or has grown fails; the file is the same for equal runs.
. "$TOP/tests/e2e/lib.sh"
cat >leaks.c <<'END'
#include <stdlib.h>
#include <string.h>
static void *volatile sink;
static __attribute__((noinline)) void lose(int n) { for (; n > 0; n--) { sink = malloc(100); sink = NULL; } }
static __attribute__((noinline)) void lose_more(void) { sink = malloc(50); sink = NULL; }
int main(int argc, char **argv)
{
	(void)argc;
	lose(atoi(argv[1]));
	if (strchr(argv[2], 'm'))
		lose_more();
	if (strchr(argv[2], 'k'))
		sink = malloc(10);
	return 0;
}
END
gcc -g -o leaks leaks.c || fail "cannot compile"

watch --write-baseline=known.json ./leaks 10 m
expect "status when a baseline is written" "$status" 0
expect "findings" "$(jq -r '.findings[] | "\(.kind) \(.blocks) \(.bytes) \(.where)"' known.json | sort)" \
	"leak 1 50 lose_more < main in leaks
leak 10 1000 lose < main in leaks"
cp known.json first.json
watch --write-baseline=known.json ./leaks 10 m
expect_same "two equal runs" known.json first.json

changed() { # changed LINE STATUS ARG...: the text's line on the baseline
	changed_line=$1
	changed_status=$2
	shift 2
	watch --baseline=known.json "$@"
	expect "status of $*" "$status" "$changed_status"
	grep -qE "^  baseline +$changed_line since known.json\$" text || fail "no '$changed_line' in the text of $*"
}

changed "0 new, 0 gone, 0 grew" 0 --fail-on=new ./leaks 10 m
changed "0 new, 0 gone, 0 grew" 0 --fail-on=leak,new ./leaks 11 m
changed "0 new, 0 gone, 0 grew" 0 --fail-on=new ./leaks 10 mk
changed "0 new, 1 gone, 1 grew" 23 --fail-on=new ./leaks 12 -
expect "rule" "$(json '.gate.failures[] | "\(.rule): \(.message)"')" \
	"new: 1 finding new or grown since known.json, none is allowed: first a leak of 1200 bytes in 12 blocks, \
lose < main in leaks"
changed "0 new, 1 gone, 1 grew" 23 --fail-on=definite ./leaks 12 -
expect_match "figure" "$(json '.gate.failures[].message')" '1200 bytes in 12 blocks definitely lost'
changed "0 new, 1 gone, 0 grew, 1 shrank" 0 --fail-on=new ./leaks 2 -
expect "changes in the JSON" \
	"$(json '.baseline | "\(.new) \(.gone) \(.grew) \(.shrank) \(.changes | length)"')" "0 1 0 1 2"
changed "0 new, 0 gone, 0 grew" 23 --max-leaked=0 ./leaks 10 m # budgets are of the whole

jq '.findings |= map(select(.where | startswith("lose_more") | not))' known.json >less.json && mv less.json known.json
changed "1 new, 0 gone, 0 grew" 23 --fail-on=new ./leaks 10 m
grep -q 'new leak: 50 bytes in 1 block, lose_more < main in leaks' text || fail "the text does not tell what is new"
changed "1 new, 0 gone, 0 grew" 0 --fail-on=grew ./leaks 10 m
changed "1 new, 0 gone, 0 grew" 0 ./leaks 10 m

# mistakes, before the program runs
status=0
"$MEMWATCH" --fail-on=new echo ran >stdout 2>stderr || status=$?
expect "status without a baseline" "$status$(cat stdout)" 2
echo '{}' >wrong.json
status=0
"$MEMWATCH" --baseline=wrong.json echo ran >stdout 2>stderr || status=$?
expect "status with a wrong baseline" "$status$(cat stdout)" 2
expect_match "message" "$(cat stderr)" 'cannot read the baseline wrong.json: it has no "schema"'
# without verdicts there is none to be written, and none to compare with
watch --no-scan --write-baseline=none.json ./leaks 1 -
expect "status without verdicts" "$status" 125
[ ! -e none.json ] || fail "a baseline without verdicts was written"
watch --no-scan --baseline=known.json --fail-on=new ./leaks 1 -
expect "new without verdicts" "$status" 23
