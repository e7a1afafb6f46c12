# The formats of CI services, each read by a tool of its kind: a schema, jq, prove.
. "$TOP/tests/e2e/lib.sh"
needs xmllint prove
cp "$TOP/tests/e2e/victims/leaky.c" leaky.c
gcc -g -O0 -o leaky leaky.c || fail "gcc"
victim mismatches

xml() { # xml FILE XPATH
	xmllint --xpath "$2" "$1" || fail "xpath $2 of $1"
}

watch --source-root=. --junit=junit.xml --valgrind-xml=v.xml --gitlab=gitlab.json --tap=leaky.tap --markdown=leaky.md \
	./leaky
expect "status" "$status" 0

xmllint --noout --schema "$TOP/tests/e2e/schemas/junit.xsd" junit.xml 2>err || fail "junit: $(cat err)"
expect "failed tests" "$(xml junit.xml 'string(/testsuites/@failures)')" 1
expect "their message" "$(xml junit.xml 'string(//testcase[@name="no definite leaks"]/failure/@message)')" \
	"55,261 bytes in 910 blocks definitely lost"
expect_match "their stack" "$(xml junit.xml 'string(//failure)')" '^ *copy_text at leaky.c:15$'

xmllint --noout --relaxng "$TOP/tests/e2e/schemas/valgrind4.rng" v.xml 2>err || fail "valgrind: $(cat err)"
expect "lost bytes" "$(xml v.xml 'sum(//error[kind="Leak_DefinitelyLost"]/xwhat/leakedbytes)')" 55261
expect "first frame" "$(xml v.xml 'concat(//error[1]//frame[1]/fn, " ", //error[1]//frame[1]/line)')" \
	"answer_request 48"
watch --xml=yes --xml-file=other.xml --show-leak-kinds=all ./leaky
# without the buffer of stdout, which Memcheck has freed before it looks
expect "still reachable, in valgrind's spelling" \
	"$(xml other.xml 'sum(//error[kind="Leak_StillReachable"]//leakedbytes)')" 3192
watch --xml=yes ./leaky
expect "--xml=yes without a file" "$status $(grep -c -e --xml-file stderr)" "2 1"
watch --valgrind-xml=v.xml --trace-children=yes sh -c "$victim new_free; exit 0"
xmllint --noout --relaxng "$TOP/tests/e2e/schemas/valgrind4.rng" v.xml 2>err || fail "wrong frees: $(cat err)"

expect "GitLab's places" "$(jq -r '[.[].location | "\(.path):\(.lines.begin)"] | join(" ")' gitlab.json)" \
	"leaky.c:48 leaky.c:15"
expect "fingerprints" "$(jq -r '[.[].fingerprint] | unique | length' gitlab.json)" 2

prove -e cat leaky.tap >proved 2>&1 && fail "prove sees no failure"
expect_match "prove" "$(cat proved)" '^ *Failed 1/3 subtests'
watch --tap=clean.tap true
prove -e cat clean.tap >proved 2>&1 || fail "prove of a clean program: $(cat proved)"
watch --tap=killed.tap sh -c 'kill -9 $$'
expect "a program that died" "$(grep -c '^not ok 1 - program' killed.tap)" 1

expect_match "Markdown" "$(cat leaky.md)" '^\| definitely lost \| 55,261 \| 910 \|$'
for format in junit valgrind-xml gitlab tap markdown sarif; do
	"$MEMWATCH" --log-file=text --$format=- ./leaky >stdout || fail "status $? with --$format=-"
	sed 1d stdout | grep -q . || fail "--$format=- is not on stdout"
	"$MEMWATCH" --log-file=text --$format=out.%p.%e ./leaky >stdout || fail "status $?"
	ls out.*.leaky >/dev/null || fail "--$format has no patterns"
	rm out.*
done
