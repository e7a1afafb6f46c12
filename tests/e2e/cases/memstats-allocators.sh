# MemStats of programs with another allocator: what it says of itself, and nothing that it does not say.
. "$TOP/tests/e2e/lib.sh"
victim heapstats

of() { # of ALLOCATOR VERSION-REGEXP FILTER
	library=$(gcc -print-file-name=lib"$1".so)
	if [ "$library" = lib"$1".so ]; then
		return
	fi
	watch env LD_PRELOAD="$library" "$victim" blocks
	expect "status with $1" "$status" 0
	expect_match "version of $1" "$(json '.processes[-1].allocator')" "$2"
	expect "$1: $3" "$(json ".processes[-1].memstats | $3")" true
}

of jemalloc '^jemalloc [0-9.]+$' '.HeapSys.source == "jemalloc stats.mapped" and
	.HeapInuse.value >= .HeapAlloc.value and .HeapSys.value >= .HeapInuse.value and
	.MSpanSys.value > 0 and .Arenas.value >= 1 and
	.HeapReleased.source == "jemalloc stats.retained"'
of tcmalloc_minimal '^tcmalloc ' '(.HeapSys.source | startswith("tcmalloc")) and
	.HeapInuse.value >= .HeapAlloc.value and .HeapSys.value >= .HeapInuse.value and
	.MCacheInuse.value > 0 and (has("Arenas") | not)'
of mimalloc '^mimalloc [0-9.]+$' '.HeapSys.estimated and .HeapSys.value >= .HeapAlloc.value and
	(has("HeapInuse") | not)'
