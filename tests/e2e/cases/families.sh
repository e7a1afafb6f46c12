# Each allocation function is seen under its own name, with the size asked for.
. "$TOP/tests/e2e/lib.sh"
victim families

same_as_native "$victim"
json '.processes[0].leaks[] | "\(.allocator) \(.blocks) \(.bytes)"' | LC_ALL=C sort >got
LC_ALL=C sort >wanted <<END
malloc 1 101
calloc 1 102
realloc 1 103
realloc 1 10400
reallocarray 1 105
posix_memalign 1 106
aligned_alloc 1 107
memalign 1 108
valloc 1 109
pvalloc 1 110
malloc 1 30
malloc 1 0
END
expect_same "allocators and sizes" got wanted
expect "frames begin at the caller" \
	"$(json '.processes[0].leaks[] | select(.bytes != 30) | .frames[0].function' | sort -u)" main
expect_match "but in libc for strdup" \
	"$(json '.processes[0].leaks[] | select(.bytes == 30) | .frames[0].function')" strdup
expect "reallocations" "$(total reallocations)" 1
