# make deb: two packages that install, run, and go away again.
. "$TOP/tests/e2e/lib.sh"
[ "$VARIANT" = release ] || skip "packs the release variant"
needs dpkg-deb

make -s -C "$TOP" deb DEB="$PWD" >debs 2>make.err || { cat make.err; fail "make deb"; }
expect "packages" "$(wc -l <debs)" 2
tool=$(grep /memwatch_ debs)
dev=$(grep /libmemwatch-dev_ debs)
for package in "$tool" "$dev"; do
	dpkg-deb --info "$package" >info || fail "dpkg-deb --info"
done
depends=$(dpkg-deb -f "$tool" Depends)
for library in libc6 libunwind8; do # the others are in it
	expect_match "dependencies of memwatch" "$depends" "(^| )$library(,|$)"
done
for package in $(echo "$depends" | tr -d ,); do
	dpkg -s "$package" >/dev/null 2>&1 || fail "it depends on $package, which is no package here"
done

mkdir -p root/var/lib/dpkg
: >root/var/lib/dpkg/status
dpkg --root="$PWD/root" --force-not-root --force-depends --log=/dev/null -i "$tool" "$dev" >dpkg.out 2>&1 ||
	{ cat dpkg.out; fail "dpkg -i"; }
MEMWATCH=$PWD/root/usr/bin/memwatch
victim leaky
watch "$victim"
expect "status" "$status" 0
expect_match "leaks" "$(leaks_by_function)" '^copy_text 1000 '
expect "the header" "$(ls root/usr/include)" memwatch.h
[ -s root/usr/share/man/man1/memwatch.1.gz ] || fail "no manual page"
dpkg --root="$PWD/root" --force-not-root --log=/dev/null -r libmemwatch-dev memwatch >dpkg.out 2>&1 ||
	{ cat dpkg.out; fail "dpkg -r"; }
expect "files left" "$(find root/usr -type f 2>/dev/null)" ""
