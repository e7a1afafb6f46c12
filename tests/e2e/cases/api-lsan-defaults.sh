# What a program says to LeakSanitizer of itself, __lsan_default_suppressions and so on, holds here too.
. "$TOP/tests/e2e/lib.sh"

verdicts() { # verdicts WHAT WANTED: definite and suppressed bytes
	expect "verdicts $1" "$(json '.processes[0].verdicts | "\(.definite.bytes) \(.suppressed.bytes)"')" "$2"
}

printf 'leak:lose_named\n' >more.supp
victim lsan_defaults
watch "$victim"
expect "status" "$status" 0
verdicts "of the program's suppressions" "300 310"
expect "rules" "$(json '.processes[0].suppressions[] | "\(.file):\(.line) \(.name) \(.state) \(.bytes)"' |
	paste -sd ,)" \
	"__lsan_default_suppressions:2 lose_known used 110,more.supp:1 lose_named used 200"
expect_complete "the program's suppressions"

# beside those of the command, which come first; by _exit; where the functions are seen by the loader
printf 'leak:lose_known\nleak:lose_other\n' >mine.supp
watch --suppressions=mine.supp "$victim" early
verdicts "of both" "0 610"
expect "the command's come first" "$(json '.processes[0].suppressions[] | "\(.file) \(.state)"' | paste -sd ,)" \
	"mine.supp used,mine.supp used,__lsan_default_suppressions unused,more.supp used"
victim lsan_defaults lsan_defaults-rdynamic -rdynamic
watch "$victim"
verdicts "with -rdynamic" "300 310"
strip -o stripped "$victim"
watch ./stripped
expect "rules of a stripped program" "$(json '.processes[0].suppressions | length')" 2

# A recording has them; another program and one that was stripped have none.
watch --record=run.mwr "$victim"
"$MEMWATCH" report --json=report.json --log-file=text run.mwr
verdicts "of the recording" "300 310"
victim lsan_defaults
strip -o stripped "$victim"
watch ./stripped
expect "rules of a stripped program without symbols" "$(json '.processes[0].suppressions | length')" 0

# What cannot be read is told, and the rest holds.
rm more.supp
watch "$victim"
verdicts "without the file" "500 110"
expect_match "the missing file" "$(json '.processes[0].completeness.reasons[]')" \
	'__lsan_default_options.*more\.supp.*No such file'
printf 'leak:lose_named\n' >more.supp
victim lsan_defaults lsan_defaults-broken -DBROKEN
watch "$victim"
expect_match "the broken rule" "$(json '.processes[0].completeness.reasons[]')" '__lsan_default_suppressions:2:1: '
verdicts "of what is before" "300 310"

# No leak check is wanted: there is none, and that is told.
victim lsan_defaults lsan_defaults-off -DTURNED_OFF
watch --fail-on=leak "$victim"
expect "status" "$status" 23
expect_match "why not" "$(json '.processes[0].verdicts | "\(.scanned) \(.why_not)"')" 'false.*__lsan_is_turned_off'
grep -qF '__lsan_is_turned_off' text || fail "the text does not tell"
