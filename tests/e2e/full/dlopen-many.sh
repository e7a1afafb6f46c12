# A host that loads and unloads a plugin all day long: its memory and the reporter's stay what they are, names right.
. "$TOP/tests/e2e/lib.sh"
victim dlopen

gcc -g -O1 -shared -fPIC -fno-builtin -DNAME=leak_a -o leak_a.so "$TOP/tests/e2e/victims/plugin.c"
gcc -g -O1 -shared -fPIC -fno-builtin -DNAME=leak_b -o leak_b.so "$TOP/tests/e2e/victims/plugin.c"
# more than the shim's list of modules has places
watch --no-scan "$victim" $(yes ./leak_a.so | head -5000) ./leak_b.so
expect status "$status" 0
leaks_by_function | grep '^leak_' >got
printf 'leak_a 5000 2500000\nleak_b 1 500\n' >wanted
expect_same "leaks of unloaded modules" got wanted
expect_complete dlopen
json '.processes[0].overhead.shim_bytes < 8388608' >ok
expect "memory of the shim below 8 MiB" "$(cat ok)" true
