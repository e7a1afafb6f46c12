# Wrong usage: status 2 and a message on stderr. --help and --version: status 0 on stdout.
. "$TOP/tests/e2e/lib.sh"

wrong() { # wrong REGEXP ARG...
	wrong_text=$1
	shift
	status=0
	"$MEMWATCH" "$@" >stdout 2>stderr || status=$?
	expect "status of $*" "$status" 2
	expect "stdout of $*" "$(cat stdout)" ""
	expect_match "message of $*" "$(cat stderr)" "$wrong_text"
}

wrong . # no program
wrong no-such-option --no-such-option true
wrong json --json
wrong top --top=many true
wrong depth --depth=-1 true
wrong color --color=pink true
wrong '--json and --folded .* x:' --json=x --folded=x true

"$MEMWATCH" --help >stdout 2>stderr || fail "--help: status $?"
expect "stderr of --help" "$(cat stderr)" ""
grep -q -- --json stdout || fail "--help does not tell of --json"
expect "widest line of --help" "$(awk 'length > 100' stdout)" ""
"$MEMWATCH" --version >stdout 2>stderr || fail "--version: status $?"
expect_match version "$(cat stdout)" '^memwatch [0-9]+\.[0-9]+\.[0-9]+'

# After the first word that is no option, all words are the program's.
"$MEMWATCH" --log-file=text sh -c 'echo "$@"' sh --help --version >stdout 2>stderr || fail "status $?"
expect "the program's options" "$(cat stdout)" "--help --version"
