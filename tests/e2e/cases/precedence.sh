# MEMWATCH_OPTIONS comes before the command line, which wins; it is not handed on to the program.
. "$TOP/tests/e2e/lib.sh"
victim sites

MEMWATCH_OPTIONS="top=2:log-file=text" "$MEMWATCH" "$victim" 2>stderr || fail "status $?"
expect "records by MEMWATCH_OPTIONS" "$(grep -c '^\[' text)" 2
MEMWATCH_OPTIONS="top=2 log-file=text" "$MEMWATCH" --top=4 "$victim" 2>stderr || fail "status $?"
expect "records by the command line" "$(grep -c '^\[' text)" 4

# words as on a command line
words="-q --top 3 --log-file='a text' export=massif:ms.out"
MEMWATCH_OPTIONS=$words "$MEMWATCH" "$victim" 2>stderr || fail "status $?"
expect "records by a value in a word of its own" "$(grep -c '^\[' 'a text')" 3
[ -s ms.out ] || fail "a colon in a value was taken for the end of it"
