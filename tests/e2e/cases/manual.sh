# The examples of the manual page and of the README run as they stand there.
. "$TOP/tests/e2e/lib.sh"
victim leaky

ln -s "$victim" leaky
ln -s "$victim" your-program
mkdir bin build
ln -s "$MEMWATCH" bin/memwatch
ln -s "$MEMWATCH" build/memwatch
PATH=$PWD/bin:$PATH
echo 'leak:legacy_init' >known.supp
sed -n '/^# EXAMPLES/,/^# LIMITS/s/^\t//p' "$TOP/man/memwatch.1.scd" >examples
grep -E '^    build/memwatch ' "$TOP/README.md" | sed 's/^ *//' >>examples
[ "$(wc -l <examples)" -ge 7 ] || fail "only $(wc -l <examples) examples found"
while read -r example; do
	sh -c "$example" >out 2>err </dev/null || fail "status $? of: $example: $(cat err)"
	[ -s out ] || fail "nothing on stdout of: $example"
done <examples
for file in leaky.txt leaky.json leaky.folded report.json stacks.folded; do
	[ -s "$file" ] || fail "no $file"
done
