# A child in a PID namespace of its own knows itself by another number; one behind chroot does not find the shim.
. "$TOP/tests/e2e/lib.sh"
unshare -Upf --map-root-user true 2>/dev/null || exit 77
victim leaky

watch unshare -Upf --map-root-user sh -c "'$victim'; echo \$\$"
expect status "$status" 0
expect stdout "$(tail -1 stdout)" 1
expect "stderr" "$(cat stderr)" ""
expect "how the child ended" \
	"$(json '.processes[] | select(.argv[0] | endswith("leaky")) | select(.origin == "exec") | .exit.kind')" exit
json '.processes[] | select(.argv[0] | endswith("leaky")) | select(.origin == "exec") |
	.pid != 1 and .pid > 0 and .parent_pid > 1 and .totals.live_blocks > 0 and .verdicts.scanned == false' >ok
expect "numbers, blocks, verdicts of the child" "$(cat ok)" true
expect_match "why there are no verdicts" "$(json '[.processes[].verdicts.why_not] | tostring')" "PID namespace"

# the reporter dies: who cannot see that by its number sees it by its lock
mkfifo go back
"$MEMWATCH" --log-file=text unshare -Upf --map-root-user sh -c "read line <go; '$victim' >out; echo ran >back" &
reporter=$!
exec 3>go # the child has come so far
kill -9 "$reporter"
wait "$reporter" || :
echo >&3
exec 3>&-
read -r answer <back
expect "the child, after its reporter's end" "$answer" ran

mkdir -p root/bin
cp /bin/true root/bin/
ldd /bin/true | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "root${library%/*}" && cp "$library" "root$library"
done
watch unshare -Ur chroot root /bin/true
expect "status behind chroot" "$status" 0
expect "stderr behind chroot" "$(cat stderr)" ""
