# A real program, the same with and without memwatch: gdb.
. "$TOP/tests/e2e/lib.sh"
needs gdb

same_as_native gdb --version
same_as_native gdb -batch -nx -ex 'print 6 * 7'
