# --github: annotations behind the program's output and a step summary; by itself in a job, nothing where nothing is.
. "$TOP/tests/e2e/lib.sh"
cp "$TOP/tests/e2e/victims/leaky.c" leaky.c
gcc -g -O0 -o leaky leaky.c || fail "gcc"
unset GITHUB_ACTIONS GITHUB_WORKSPACE

export GITHUB_STEP_SUMMARY=$PWD/summary.md
./leaky >native.out
watch ./leaky
expect_same "without a job" stdout native.out
[ ! -e summary.md ] || fail "a summary without a job"

watch --github ./leaky
expect "status" "$status" 0
head -n 1 stdout >first
expect_same "the program's own output comes first" first native.out
expect "annotations" "$(grep -c '^::error file=leaky.c,line=[0-9]*,title=memwatch%3A .* lost::' stdout)" 2
expect_match "with the stack" "$(cat stdout)" '::.* lost, allocated in copy_text.*%0A  copy_text at leaky.c:15%0A'
expect "headings of the summary" "$(grep -c '^## memwatch: ./leaky$' summary.md)" 1

export GITHUB_ACTIONS=true
watch ./leaky
expect "by itself in a job" "$(grep -c '^::error' stdout)" 2
expect "the summary is appended to" "$(grep -c '^## memwatch' summary.md)" 2
watch --github=no ./leaky
expect_same "--github=no" stdout native.out
watch true
expect "nothing found" "$(cat stdout)" ""
expect "nothing is appended then" "$(grep -c '^## memwatch' summary.md)" 2

head -c 1048576 /dev/zero >summary.md
watch ./leaky
expect "a full summary is no failure" "$status" 0
grep -q '1 MiB' stderr || fail "a full summary is not told of"
expect "and stays" "$(wc -c <summary.md)" 1048576
