# What cannot be watched is refused before it starts, with the status and the remedy.
. "$TOP/tests/e2e/lib.sh"

refused() { # refused STATUS REGEXP PROGRAM...
	refused_status=$1
	refused_text=$2
	shift 2
	watch "$@"
	expect "status of $*" "$status" "$refused_status"
	expect "stdout of $*" "$(cat stdout)" ""
	expect_match "message of $*" "$(cat stderr)" "$refused_text"
	[ ! -e report.json ] || fail "a report was made of $*"
}

echo 'int main(void) { return 0; }' >empty.c
gcc -static -o static empty.c
mkdir folder
echo 'echo not executable' >plain
gcc -o setuid empty.c
gcc -o foreign empty.c && printf '\267\000' | dd of=foreign bs=1 seek=18 conv=notrunc 2>/dev/null # e_machine: AArch64
gcc -o narrow empty.c && printf '\001' | dd of=narrow bs=1 seek=4 conv=notrunc 2>/dev/null # EI_CLASS: 32 bits
printf '\177ELF' >broken && chmod +x broken
printf '#!/no/such/interpreter\n' >orphan && chmod +x orphan

refused 125 'static' ./static
refused 125 '(32|64)-bit|AArch64|aarch64|architecture|machine' ./foreign
refused 125 '32-bit|architecture|class' ./narrow
refused 127 'no-such-program' no-such-program
refused 127 'no-such-program' ./no-such-program
refused 126 'folder|directory' ./folder
refused 126 'plain' ./plain
for sanitizer in address thread; do
	gcc -fsanitize=$sanitizer -o $sanitizer empty.c || fail "cannot compile with -fsanitize=$sanitizer"
	refused 125 "built with (Address|Thread)Sanitizer" ./$sanitizer
	# as a child it is left alone
	same_as_native sh -c "./$sanitizer; echo \$?"
done
if [ "$(id -u)" = 0 ]; then # only root can give a file away
	chown 65534 setuid && chmod 4755 setuid
	refused 125 'setuid|set-user' ./setuid
fi
watch ./broken
case $status in 125 | 126) ;; *) fail "status of a broken ELF file: $status" ;; esac
watch ./orphan
case $status in 126 | 127) ;; *) fail "status of a script without interpreter: $status" ;; esac
