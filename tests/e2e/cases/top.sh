# memwatch top in a terminal: what it shows, its keys, and that the terminal is given back however it ends.
. "$TOP/tests/e2e/lib.sh"
needs tmux
victim busy

export TMUX_TMPDIR="$PWD"
terminal() { tmux -S "$PWD/terminal" -f /dev/null "$@"; }
trap 'terminal kill-server 2>/dev/null' EXIT

shows() { # shows EXTENDED-REGEXP...: waits until the screen matches all of them
	tries=0
	for pattern; do
		until terminal capture-pane -p -t top >screen && grep -qE -- "$pattern" screen; do
			tries=$((tries + 1))
			[ $tries -lt 300 ] || { cat screen; fail "the screen never showed '$pattern'"; }
		done
	done
}

# shows_first TITLE EXTENDED-REGEXP: … until the first row under a title matches.
shows_first() {
	tries=0
	until terminal capture-pane -p -t top >screen && grep -q -- "$1" screen &&
		sed -n '/WHERE/{n;p;}' screen | grep -qE -- "$2"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || { cat screen; fail "the first row under $1 never was '$2'"; }
	done
}

press() { terminal send-keys -t top "$@"; }

# open_top NAME VARIABLE=VALUE PID: memwatch top in a new window; its status is in NAME.status when NAME is said.
open_top() {
	name=$1
	terminal kill-session -t top 2>/dev/null
	terminal new-session -d -s top -x 100 -y 20 "trap : INT; stty -a >before
		sh -c 'echo \$\$ >$name.pid; exec env $2 \"$MEMWATCH\" top --interval=100ms $3' 2>$name.err
		echo \$? >$name.status; stty -a >after; tmux -S '$PWD/terminal' display-message -p -t top \
			'#{alternate_on}#{cursor_flag}' >$name.modes; tmux -S '$PWD/terminal' wait-for -S $name; cat"
}

closed() { # closed STATUS
	terminal wait-for "$name"
	expect "status of top ($name)" "$(cat "$name.status")" "$1"
	expect "second screen and cursor ($name)" "$(cat "$name.modes")" 01
	expect_same "terminal ($name)" after before
}

terminal new-session -d -s keep cat
begin run --scan-every=100ms "$victim"
echo add 500 >&9
open_top keys TERM=screen "$pid"
shows "memwatch top  $pid busy, running " '^Live  3.3 MiB in 50[0-9] blocks, peak ' 'Rate .* allocated' '^RSS .* MiB' \
	'>LIVE' '2\.9 MiB +1 .*make_table \(busy\.c:[0-9]+\) < main' 'KiB +500 .* cache_add \(busy'
shows '1 of [2-5] stacks; rates of the last' 'nothing definitely lost'

# sorting, with figures of the last interval
press b
shows_first '>BLOCKS' 'cache_add'
press l
shows_first '>LIVE' 'make_table'
press p
shows PAUSED
echo churn 200 >&9
echo add 100 >&9
press a
shows '>ALLOCATED' PAUSED
press p a
tries=0
until grep -q 'churn' screen; do
	echo churn 20 >&9
	shows '>ALLOCATED'
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "churn is not shown: $(cat screen)"
done
press g
shows '>GROWTH' 'KiB +600 .*cache_add'

# the filter, in any letters
press /
shows 'Filter: _'
press CACHE_X BSpace a Enter
shows '^1 of 1 stack with "CACHE_a", of'
expect "stacks with cache_a" "$(grep -c ' < main' screen)" 1
press / C-u nosuch Enter
shows '^0 of 0 stacks with "nosuch"'
press Enter Escape
shows '^1 of [2-5] stacks; rates'

# a stack in full, also when the window is made small
press l
shows_first '>LIVE' 'make_table'
press Down Enter
shows '^Live +60[0-9],[0-9]+ bytes in 600 blocks; allocated in all' '^Lifetimes none was freed; the oldest' \
	'^Verdicts  reachable 60[0-9],[0-9]+ bytes in 600 blocks'
shows '0  cache_add \(busy\.c' '1  main \(busy\.c' 'global cache_head in busy'
terminal resize-window -t top -x 50 -y 8
shows 'bytes in 600 blocks; allocated i$' '^Frames, from the'
press End
shows 'more blocks|block of 1008 bytes'
press Escape
shows '>LIVE'
press '?'
shows 'Enter +the whole stack'
press x
shows '>LIVE'
terminal resize-window -t top -x 12 -y 2
terminal resize-window -t top -x 120 -y 30
shows '[12] of [2-5] stacks'
press q
terminal wait-for keys
expect "status of top" "$(cat keys.status)" 0

# other terminals, and ends by a signal
for term in linux xterm; do
	open_top "$term" "TERM=$term" "$pid"
	shows 'make_table \(busy'
	press q
	closed 0
done
for signal in 1 15; do
	open_top "signal$signal" TERM=screen "$pid"
	shows 'make_table \(busy'
	kill -"$signal" "$(cat "$name.pid")"
	closed $((128 + signal))
done
open_top C-c TERM=screen "$pid"
shows 'make_table \(busy'
press C-c
closed 130

# no terminal, or one that cannot
refused() { # refused REGEXP COMMAND...
	refused_words=$1
	shift
	got=0
	"$@" >stdout 2>stderr || got=$?
	expect "status of $*" $got 125
	expect_match "words of $*" "$(cat stderr)" "$refused_words"
}
refused 'needs a terminal .* use memwatch stat' "$MEMWATCH" top "$pid"
open_top dumb TERM=dumb "$pid"
closed 125
expect_match dumb "$(cat dumb.err)" "type 'dumb' .* use memwatch stat"
open_top nosuch TERM=nosuch "$pid"
closed 125
open_top nobody TERM=screen $$
closed 125
expect_match nobody "$(cat nobody.err)" "process $$ runs, but no memwatch of yours watches it"

# the program ends
open_top end TERM=screen "$pid"
shows 'make_table \(busy'
finish
closed 0
expect "words at the end" "$(cat end.err)" "memwatch: process $pid (busy) has ended"
expect "status of the program" "$status" 0
