# stdin, stdout, stderr and the exit status pass through.
. "$TOP/tests/e2e/lib.sh"

seq 1 20000 >input
watch cat <input
expect_same "stdin to stdout" stdout input
watch sh -c 'echo to-out; echo to-err >&2'
expect stdout "$(cat stdout)" to-out
expect stderr "$(cat stderr)" to-err

for wanted in 0 1 2 3 23 64 100 124 125 126 127 128 129 137 139 143 200 254 255; do
	watch sh -c "exit $wanted"
	expect status "$status" "$wanted"
done
watch -- sh -c 'exit $1' sh 9
expect "status with --" "$status" 9
expect "status in the report" "$(json '.processes[0].exit | "\(.kind) \(.code) \(.signal)"')" "exit 9 null"
