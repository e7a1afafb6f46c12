# The text report: numbers that add up, file and line first, the completeness line, and nothing when quiet and clean.
. "$TOP/tests/e2e/lib.sh"
victim leaky

watch "$victim"
live=$(total live_bytes | sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta')
grep -qF "$live" text || fail "the text does not tell of $live bytes"
grep -qE 'copy_text.*leaky\.c:[0-9]+' text || fail "no function with file and line"
grep -qiE 'complete' text || fail "no word on completeness"
grep -qE '900 blocks' text || fail "the number of blocks is not told"
expect "pid lines" "$(grep -c "$(json '.processes[0].pid')" text | sed 's/[1-9][0-9]*/some/')" some
