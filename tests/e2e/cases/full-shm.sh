# The memory that the session is in fills up while it runs: programs are not harmed, and those that could not be watched
# are told of; when there is room again, the next ones are watched.
. "$TOP/tests/e2e/lib.sh"
needs unshare
victim storms
space="unshare -m"
$space true 2>/dev/null || space="unshare -Urm"

cat >full.sh <<'EOF'
mount -t tmpfs -o size=20m tmpfs /dev/shm || exit 77
"$@"
EOF
cat >fill.sh <<'EOF'
dd if=/dev/zero of=/dev/shm/fill bs=64k 2>dd.err
"$0" threads 80
echo $?
rm /dev/shm/fill
exec "$0" threads 80
EOF
status=0
$space sh full.sh "$MEMWATCH" --json=report.json --log-file=text sh -c "$(cat fill.sh)" "$victim" \
	>stdout 2>stderr || status=$?
[ -e text ] || skip "no file system can be mounted here: $(cat stderr)"
expect "status" "$status" 3
expect "status while it was full" "$(cat stdout)" 3
grep -q 'could not be watched; it is missing' stderr || fail "nothing is told"
expect "the program with room" "$(json '.processes[] | select(.argv[1] == "threads") |
	"\(.completeness.complete) \(.verdicts.definite.blocks)"')" "true 8"
