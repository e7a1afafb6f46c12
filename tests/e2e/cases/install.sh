# make install puts a working memwatch under DESTDIR; make uninstall takes all of it away.
. "$TOP/tests/e2e/lib.sh"
[ "$VARIANT" = release ] || skip "installs the release variant"

make -s -C "$TOP" install DESTDIR="$PWD/root" PREFIX=/usr >make.out 2>&1 || { cat make.out; fail "make install"; }
for file in bin/memwatch lib/memwatch/libmemwatch.so share/man/man1/memwatch.1 share/man/man3/memwatch.h.3 \
	share/man/man7/memwatch-fleet.7 share/memwatch/fleet/memwatch.rules.yml \
	include/memwatch.h lib/pkgconfig/memwatch.pc lib/cmake/memwatch/memwatch-config.cmake \
	lib/cmake/memwatch/memwatch-config-version.cmake share/bash-completion/completions/memwatch \
	share/zsh/site-functions/_memwatch share/fish/vendor_completions.d/memwatch.fish; do
	[ -s "root/usr/$file" ] || fail "$file is not installed"
done
MEMWATCH=$PWD/root/usr/bin/memwatch
victim leaky
watch "$victim"
expect "status" "$status" 0
expect_match "leaks" "$(leaks_by_function)" '^copy_text 1000 '
printf '#include <memwatch.h>\nint main(void) { return memwatch_watched(); }\n' >asks.c
flags=$(PKG_CONFIG_PATH=root/usr/lib/pkgconfig pkg-config --define-prefix --cflags memwatch) || fail "pkg-config"
expect "the preloaded object, by pkg-config" \
	"$(PKG_CONFIG_PATH=root/usr/lib/pkgconfig pkg-config --variable=preload memwatch)" \
	/usr/lib/memwatch/libmemwatch.so
gcc -std=c99 -pedantic -Wall -Wextra -Werror $flags -o asks asks.c || fail "the header does not compile"
./asks || fail "without memwatch: $?"
watch ./asks
expect "under memwatch" "$status" 1
make -s -C "$TOP" uninstall DESTDIR="$PWD/root" PREFIX=/usr >make.out 2>&1 || fail "make uninstall"
expect "files left" "$(find root ! -type d)" ""
