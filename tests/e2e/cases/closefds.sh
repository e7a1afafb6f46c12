# A program that closes all descriptors and then writes files of its own gets none of memwatch's bytes in them.
. "$TOP/tests/e2e/lib.sh"
victim closefds

for way in loop range dup2; do
	rm -f own-file
	watch "$victim" $way
	expect "status of $way" "$status" 0
	expect "own file after $way" "$(sort own-file | uniq -c | sed 's/^ *//')" "100 own line"
	expect "blocks after $way" "$(total live_blocks)" 100000
	expect_complete "$way"
done
