# The report in the README is what `make demo` shows, but for times, pids, paths and libc's own frames.
# UPDATE_GOLDEN=1 tests/run readme writes it anew.
. "$TOP/tests/e2e/lib.sh"

gcc -g -o leaky -ffile-prefix-map="$TOP"=/src/memwatch "$TOP/tests/e2e/victims/leaky.c"
mkdir build
mv leaky build/leaky
"$MEMWATCH" build/leaky >stdout 2>stderr || fail "status $?"
{
	printf '```\n$ build/memwatch build/leaky\n'
	cat stdout stderr
	printf '```\n'
} >shown
if [ -n "${UPDATE_GOLDEN:-}" ]; then
	sed -e '/^<!-- report: begin/r shown' -e '/^<!-- report: begin/,/^<!-- report: end/{/^<!--/!d}' \
		"$TOP/README.md" >new && cat new >"$TOP/README.md"
fi

plain() { # without what differs from run to run and from host to host
	grep -v 'libc\.so' | sed -E -e 's/\(pid [0-9]+\)//' -e 's/after [0-9.]+ m?s//' -e 's/(by thread leaky,).*/\1/' \
		-e 's/[0-9,]+ records/records/' -e '/^  memwatch /d'
}
sed '1,/^<!-- report: begin/d; /^<!-- report: end/,$d' "$TOP/README.md" | plain >wanted
plain <shown >got
expect_same "the report of the README" got wanted
