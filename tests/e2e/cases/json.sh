# The JSON report has the fields that it promises, of the promised types.
. "$TOP/tests/e2e/lib.sh"
victim leaky

holds() { # holds FILTER...: of the first process
	for holds_filter; do
		expect "$holds_filter" "$(json ".processes[0] | $holds_filter")" true
	done
}

numbers() { # numbers OBJECT NAME...: its fields of these names are numbers
	numbers_object=$1
	shift
	for numbers_name; do
		holds "$numbers_object.$numbers_name | type == \"number\""
	done
}

watch "$victim" argument
expect schema "$(json .schema)" memwatch-report/1
expect version "$(json '.memwatch_version | type')" string
expect gate "$(json '.gate | tostring')" '{"passed":true,"failures":[]}'
expect processes "$(json '.processes | length')" 1
holds '.argv[1] == "argument"' '.exe | startswith("/")' '.origin == "run"' '.parent_pid | type == "number"'
holds '.exit == {kind: "exit", code: 0, signal: null}' '.duration_seconds > 0'
holds '.start_time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$")'
holds .completeness.complete '.completeness.records > 2000' '.completeness.lost_records == 0'
holds '.completeness.unknown_frees == 0' '.completeness.truncated_stacks == 0' '.completeness.reasons | type == "array"'
numbers .totals allocations frees reallocations allocated_bytes freed_bytes live_blocks live_bytes inherited_blocks \
	inherited_bytes peak_live_bytes peak_seconds temporary_allocations failed_allocations
holds '.totals.peak_live_bytes >= .totals.live_bytes' '.totals.peak_seconds <= .duration_seconds'
holds '.verdicts.scanned | type == "boolean"' '.verdicts | has("why_not")'
numbers .verdicts.definite blocks bytes
numbers .verdicts.indirect blocks bytes
numbers .verdicts.possible blocks bytes
numbers .verdicts.reachable blocks bytes
numbers .verdicts.suppressed blocks bytes
numbers .overhead shim_bytes reporter_bytes reporter_cpu_seconds
holds '(.leaks | map(.bytes) | add) == .totals.live_bytes' '(.leaks | map(.blocks) | add) == .totals.live_blocks'
holds '.leaks | map(.bytes + .indirect_bytes) | . == (sort | reverse)'
holds '.leaks | map(.id | test("^[0-9a-f]{16}$")) | all' '.leaks | map(.frames | length > 1) | all'
holds '.leaks | map(.thread_names | length > 0) | all' '.leaks | map(.first_seconds <= .last_seconds) | all'
holds '.leaks | map(.held_by | type == "array") | all' '.leaks | map(has("suppressed_by")) | all'
holds '.leaks[0].frames[0].module | startswith("/")' '.leaks[0].frames[0] | .offset > 0 and .line > 0'
holds '.leaks[0].frames[0].inlined == false' '.leaks[0].frames[0].build_id | test("^[0-9a-f]+$")'
holds '.leaks[0].frames[0].file | endswith("leaky.c")'

# What the program itself knows: 1000 names, of which 100 are kept with their users; 10 replies.
expect names "$(leaks_by_function | sed -n 's/^copy_text \([0-9]*\) .*/\1/p')" 1000
expect users "$(leaks_by_function | grep '^load_user ')" "load_user 100 1600"
expect replies "$(leaks_by_function | grep '^answer_request ')" "answer_request 10 40960"

"$MEMWATCH" --json=second.json --log-file=text "$victim" >stdout || fail "status $?"
expect "fingerprints of two runs" "$(jq -c '[.processes[0].leaks[].id] | sort' report.json)" \
	"$(jq -c '[.processes[0].leaks[].id] | sort' second.json)"
