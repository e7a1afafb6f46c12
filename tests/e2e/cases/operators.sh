# Each form of operator new and delete is seen, new and new[] told apart.
. "$TOP/tests/e2e/lib.sh"
needs g++
victim operators operators -faligned-new

same_as_native "$victim"
json '.processes[0].leaks[] | select(.frames[0].function == "main") | "\(.allocator) \(.blocks) \(.bytes)"' |
	LC_ALL=C sort >got
LC_ALL=C sort >wanted <<END
new 1 201
new[] 1 202
new 1 203
new[] 1 204
new 1 205
new[] 1 206
new 1 207
new[] 1 208
new 1 128
END
expect_same "operators and sizes" got wanted
