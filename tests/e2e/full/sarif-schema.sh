# SARIF as the schema of the standard wants it, told by ajv.
. "$TOP/tests/e2e/lib.sh"
needs npm node
cp "$TOP/tests/e2e/full/npm/package.json" "$TOP/tests/e2e/full/npm/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund >npm.out 2>&1 || { cat npm.out; fail "npm ci"; }

cat >check.js <<'END'
const fs = require("fs");
const Ajv = require("ajv");
const ajv = new Ajv({ schemaId: "auto", allErrors: true });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
const schema = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const valid = ajv.compile(schema);
let status = 0;
for (const path of process.argv.slice(2)) {
  if (!valid(JSON.parse(fs.readFileSync(path, "utf8")))) {
    console.log(path, valid.errors);
    status = 1;
  }
}
process.exit(status);
END
victim leaky
watch --show=all --sarif=leaky.sarif "$victim"
watch --no-scan --sarif=unclassified.sarif "$victim"
victim mismatches
watch --sarif=mismatches.sarif sh -c "$victim new_free; $victim new_array_free"
victim steps
watch --sarif=limit.sarif --limit=1K --warn=50 "$victim"
watch --sarif=none.sarif true
node check.js ./*.sarif "$TOP/tests/golden/sarif-all" || fail "not SARIF"
jq '.version = 3' none.sarif >wrong.json
node check.js wrong.json >/dev/null && fail "the check finds nothing wrong with anything"
exit 0
