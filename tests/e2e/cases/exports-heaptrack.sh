# --export=heaptrack: heaptrack's own reader shows the numbers of the JSON report.
. "$TOP/tests/e2e/lib.sh"
needs jq perl heaptrack_print zstd

# figures FILE: allocations, frees, live bytes, peak, temporary allocations, added up from its events. heaptrack_gui
# wants the allocations of each info ("a") to begin in the order of the infos; it crashes else.
figures() {
	case $1 in
	*.zst) zstd -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac | perl -ane '
		push @sizes, hex $F[1] if $F[0] eq "a";
		if ($F[0] eq "+") {
			$last = $F[1], $n++, $live += $sizes[hex $last];
			$begun++ if hex $last == $begun;
			die "info $last before its turn" if hex $last >= $begun;
			$peak = $live if $live > $peak;
		} elsif ($F[0] eq "-") {
			$temporary += $F[1] eq $last;
			$last = "", $freed++, $live -= $sizes[hex $F[1]];
		}
		END { print join(" ", map { $_ + 0 } $n, $freed, $live, $peak, $temporary), "\n" }'
}

# printed FILE NAME: what heaptrack_print has said of it.
printed() {
	sed -n "s/^$2: \([^ ]*\).*/\1/p" "$1.printed"
}

# bytes N: as heaptrack_print writes it.
bytes() {
	awk -v n="$1" 'BEGIN { split("B K M G", unit, " "); for (i = 1; n > 1000; i++) n /= 1000
		if (i == 1) printf "%dB", n; else printf "%.2f%s", n, unit[i] }'
}

# agrees FILE PROCESS: with a process of report.json, given by a jq path.
agrees() {
	expect "$1 has the totals of the JSON" "$(figures "$1" | cut -d ' ' -f 1-4)" \
		"$(json "$2.totals | \"\(.allocations) \(.frees) \(.live_bytes) \(.peak_live_bytes)\"")"
}

# shown FILE: heaptrack_print shows the totals of the first process.
shown() {
	heaptrack_print -f "$1" >"$1.printed" 2>"$1.err" || fail "heaptrack_print: $(cat "$1.err")"
	[ ! -s "$1.err" ] || fail "heaptrack_print complains: $(head -n 3 "$1.err")"
	expect "allocations of $1" "$(printed "$1" 'calls to allocation functions')" "$(total allocations)"
	expect "temporary of $1" "$(printed "$1" 'temporary memory allocations')" "$(figures "$1" | cut -d ' ' -f 5)"
	expect "peak of $1" "$(printed "$1" 'peak heap memory consumption')" "$(bytes "$(total peak_live_bytes)")"
	expect "leaked of $1" "$(printed "$1" 'total memory leaked')" "$(bytes "$(total live_bytes)")"
}

victim leaky
watch --export=heaptrack:leaky.zst "$victim"
expect "status" "$status" 0
agrees leaky.zst '.processes[0]'
shown leaky.zst
expect_match "a place" "$(cat leaky.zst.printed)" '^answer_request'
# one thread, and nothing is freed between: both words mean the same
expect "temporary" "$(figures leaky.zst | cut -d ' ' -f 5)" "$(total temporary_allocations)"

victim realloc
watch --export=heaptrack:realloc.gz "$victim"
agrees realloc.gz '.processes[0]'
shown realloc.gz

# Recorded, and read later: the same.
victim inlined
watch --record=rec --export=heaptrack:live "$victim"
agrees live '.processes[0]'
"$MEMWATCH" report --export=heaptrack:later rec >/dev/null 2>stderr || fail "report: $(cat stderr)"
expect_same "the recording's" live later

# Each process has its own file where the name tells them apart.
victim children
watch --export=heaptrack:each.%p "$victim" system
for pid in $(json '.processes[] | select(.shell | not) | .pid' | sort -u); do
	agrees "each.$pid" \
		"([.processes[] | select((.shell | not) and .pid == $pid)] | sort_by(-.totals.peak_live_bytes)[0])"
done

# Threads; nothing but the file is left.
victim threads
mkdir only
watch --export=heaptrack:only/threads "$victim"
agrees only/threads '.processes[0]'
expect "what is left" "$(ls -A only)" threads

# A disk that is full is told, and the program has run on.
watch --export=heaptrack:/dev/full -- "$victim"
expect "status" "$status" 125
expect_match "the reason" "$(cat stderr)" 'cannot write the report to /dev/full: No space left on device'
