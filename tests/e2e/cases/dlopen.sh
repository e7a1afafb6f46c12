# Modules unloaded before the end keep their names, also when the next one came to the same address.
. "$TOP/tests/e2e/lib.sh"
victim dlopen

modules=
for name in leak_a leak_b leak_c; do
	gcc -g -O1 -shared -fPIC -fno-builtin -DNAME=$name -o $name.so "$TOP/tests/e2e/victims/plugin.c"
	modules="$modules ./$name.so"
done
watch "$victim" $modules
expect status "$status" 0
leaks_by_function | grep '^leak_' >got
printf 'leak_%s 1 500\n' a b c >wanted
expect_same "leaks of unloaded modules" got wanted
expect_complete dlopen
