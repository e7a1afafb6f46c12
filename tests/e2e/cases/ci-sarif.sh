# --sarif: rules, places relative to the source root, code flows, fingerprints that the lines do not change.
. "$TOP/tests/e2e/lib.sh"
needs git

mkdir -p repo/src repo/build
cp "$TOP/tests/e2e/victims/leaky.c" repo/src/leaky.c
gcc -g -O0 -o repo/build/leaky repo/src/leaky.c || fail "gcc"
git -C repo init -q

sarif() { # sarif FILTER
	jq -r "$1" out.sarif || fail "jq $1"
}

watch --sarif=out.sarif repo/build/leaky
expect "version" "$(sarif .version)" 2.1.0
expect "outside of a repository, relative to the current folder" "$(sarif '.runs[0].results[0].locations[0] |
	.physicalLocation | "\(.artifactLocation.uri):\(.region.startLine)"')" repo/src/leaky.c:48
cd repo/build || fail "cd"
watch --sarif=../../out.sarif ./leaky
cd ../.. || fail "cd"
expect "in a repository, relative to its top" "$(sarif '[.runs[0].results[].locations[0].physicalLocation |
	"\(.artifactLocation.uri):\(.region.startLine)"] | join(" ")')" "src/leaky.c:48 src/leaky.c:15"
expect "rules" "$(sarif '[.runs[0].results[] | .ruleId] | join(" ")')" "MW001 MW001"
expect "that are described" "$(sarif '[.runs[0].tool.driver.rules[.runs[0].results[].ruleIndex].id] | unique[]')" MW001
expect "the way to the allocation" "$(sarif '.runs[0].results[1].codeFlows[0].threadFlows[0].locations |
	map(.location.logicalLocations[0].fullyQualifiedName) | join(" ")')" "main answer_request load_user copy_text"
before=$(sarif '[.runs[0].results[].partialFingerprints.primaryLocationLineHash] | join(" ")')
expect_match "fingerprints" "$before" '^[0-9a-f]{16}:1 [0-9a-f]{16}:1$'

sed -i '1i // one more line' repo/src/leaky.c
gcc -g -O0 -o repo/build/leaky repo/src/leaky.c || fail "gcc"
watch --sarif=out.sarif --source-root=repo/src --show=all repo/build/leaky
expect "relative to --source-root" "$(sarif '[.runs[0].results[].locations[0].physicalLocation |
	"\(.artifactLocation.uri):\(.region.startLine)"][:2] | join(" ")')" "leaky.c:49 leaky.c:16"
expect "the same fingerprints" \
	"$(sarif '[.runs[0].results[:2][].partialFingerprints.primaryLocationLineHash] | join(" ")')" "$before"
expect "with --show=all" "$(sarif '[.runs[0].results[].ruleId] | unique | join(" ")')" "MW001 MW004"

watch --sarif=out.sarif true
expect "nothing found" "$(sarif '.runs[0].results | length')" 0
