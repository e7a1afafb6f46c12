# Verdicts do not depend on the allocator: preloaded or linked, they are those with glibc's. Beside the victim's blocks
# there are those of the libraries that the allocator needs, which are reachable. verdict-allocator-*.sh set $allocator.
. "$TOP/tests/e2e/lib.sh"
: "${allocator=jemalloc}"
library=$(gcc -print-file-name=lib$allocator.so)
[ "$library" != lib$allocator.so ] || skip "no $allocator here"
victim shapes "shapes-$allocator" -Wl,--no-as-needed -l$allocator
linked=$victim
victim shapes
gcc -g -O1 -shared -fPIC -fno-builtin -fno-inline -o module.so "$TOP/tests/e2e/victims/shapes_module.c" ||
	fail "cannot compile the module"

# verdicts_of WHAT [BLOCKS BYTES] sets $verdicts: definite, indirect, possible, reachable, the last less BLOCKS BYTES.
verdicts_of() {
	expect "scan of $1" "$(json '.processes[-1].verdicts | "\(.scanned) \(.why_not)"')" "true null"
	verdicts=$(json '.processes[-1].verdicts | .definite, .indirect, .possible | "\(.blocks) \(.bytes)"' |
		paste -sd ,)
	verdicts=$verdicts,$(json '.processes[-1].verdicts.reachable |
		"\(.blocks - ($blocks | tonumber)) \(.bytes - ($bytes | tonumber))"' \
		--arg blocks "${2-0}" --arg bytes "${3-0}")
}

watch "$linked" nothing
linked_base="$(json '.processes[-1].verdicts.reachable | "\(.blocks) \(.bytes)"')"
expect "allocations left by the program itself" \
	"$(json '.processes[-1].verdicts | .definite.blocks + .indirect.blocks + .possible.blocks')" 0
expect "mappings that are the program's" "$(json '.processes[-1].mappings.maps // 0')" 0

for shape in all_kinds small_lost chunk_headers realloc_list module_leak; do
	watch "$victim" $shape ./module.so
	verdicts_of "$shape with glibc"
	wanted=$verdicts
	watch "$linked" $shape ./module.so
	verdicts_of "$shape, linked" $linked_base
	expect "$shape, linked" "$verdicts" "$wanted"
	watch env LD_PRELOAD="$library" "$victim" $shape ./module.so
	verdicts_of "$shape, preloaded" $linked_base
	expect "$shape, preloaded" "$verdicts" "$wanted"
done

# Known by where malloc is, not by its file's name.
cp "$library" libother.so
watch env LD_PRELOAD="$PWD/libother.so" "$victim" small_lost
verdicts_of "a library of another name" $linked_base
expect "a library of another name" "$verdicts" "40 820,0 0,0 0,0 0"
