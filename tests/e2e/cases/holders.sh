# A holder is told with the program's own function, however many of the library's are before it.
. "$TOP/tests/e2e/lib.sh"
victim holders

watch "$victim"
expect "held by" \
	"$(json '.processes[0].leaks[] | select(.bytes == 4000).held_by | map(sub("[(].*"; "")) | join(" < ")')" \
	"global kept in holders < block of 24 bytes from main < block of 512 bytes from keep"
