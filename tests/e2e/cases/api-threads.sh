# memwatch.h in threads, children and signal handlers.
. "$TOP/tests/e2e/lib.sh"
victim api

watch "$victim" threads
expect "eight threads" "$(cat stdout)" \
	"threads: 0, definite 1600 48000, indirect 0, possible 0, ignored 3200 102400"
expect_complete "api threads"
expect "suppressed" "$(json '.processes[0].verdicts.suppressed | tostring')" '{"blocks":3200,"bytes":102400}'

watch "$victim" forks
expect "a child" "$(grep -v ^parent stdout)" "child: live 150, inherited 1
child: 0, definite 1 80, indirect 0, possible 0, ignored 1 70"
expect_match "its parent" "$(cat stdout)" '^parent: 1$'
expect "marks" "$(json '.processes[] | "\(.origin) \([.marks[].name])"')" 'run []
fork ["in the child"]'
expect "the child's own verdicts" "$(json '.processes[1].verdicts | "\(.definite.bytes) \(.suppressed.bytes)"')" "80 70"
expect_complete "api forks"

watch "$victim" handlers
expect "status" "$status" 0
expect "signal handlers" "$(cat stdout)" "handled: 1"
expect_complete "api handlers"
expect "marks by handlers" "$(json '.processes[0].marks | length >= 50')" true
expect "lost" "$(json '.processes[0].verdicts.definite.blocks')" 0
