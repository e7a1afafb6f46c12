# Meson, Automake and Cargo run tests under memwatch as the manual page says; a leak fails the test, and only it.
. "$TOP/tests/e2e/lib.sh"
needs meson ninja automake autoconf

mkdir meson automake
cp "$TOP/tests/e2e/victims/leaky.c" meson
cp "$TOP/tests/e2e/victims/leaky.c" automake
echo 'int main(void) { return 0; }' >meson/tidy.c
cp meson/tidy.c automake

cat >meson/meson.build <<'END'
project('sample', 'c')
test('leaky', executable('leaky', 'leaky.c'))
test('tidy', executable('tidy', 'tidy.c'))
add_test_setup('memwatch', exe_wrapper: [get_option('memwatch'), '--fail-on=leak'], timeout_multiplier: 5)
END
echo "option('memwatch', type: 'string')" >meson/meson_options.txt
(cd meson && meson setup -Dmemwatch="$MEMWATCH" build) >out 2>&1 || { cat out; fail "meson setup"; }
meson test -C meson/build >out 2>&1 || { cat out; fail "meson test without memwatch"; }
for way in "--wrapper=$MEMWATCH --fail-on=leak" --setup=memwatch; do
	meson test -C meson/build "$way" >out 2>&1 && { cat out; fail "meson test $way passes"; }
	expect_match "meson: leaky ($way)" "$(cat out)" 'leaky +FAIL .*exit status 23'
	expect_match "meson: tidy ($way)" "$(cat out)" 'tidy +OK'
done

cat >automake/configure.ac <<'END'
AC_INIT([sample], [1])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
cat >automake/Makefile.am <<'END'
check_PROGRAMS = leaky tidy
leaky_SOURCES = leaky.c
tidy_SOURCES = tidy.c
TESTS = $(check_PROGRAMS)
LOG_COMPILER = $(MEMWATCH)
AM_LOG_FLAGS = --fail-on=leak
END
(cd automake && autoreconf -i && ./configure) >out 2>&1 || { cat out; fail "autoreconf, configure"; }
make -C automake check MEMWATCH="$MEMWATCH" >out 2>&1 && { cat out; fail "make check passes"; }
expect_match "automake: leaky" "$(cat out)" '^FAIL: leaky$'
expect_match "automake: tidy" "$(cat out)" '^PASS: tidy$'
grep -q 'definitely lost' automake/leaky.log || fail "the report is not in the log of the test"
