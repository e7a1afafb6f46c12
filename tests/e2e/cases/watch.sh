# --watch: a line for each interval, with a graph that fits the locale.
. "$TOP/tests/e2e/lib.sh"
victim steps

lines() { # lines LOCALE REGEXP: three lines of a program that grows
	rm -f steps lines
	mkfifo steps lines
	LC_ALL=$1 TERM=xterm "$MEMWATCH" --log-file=text --watch --interval=20ms --limit=1M "$victim" <steps 2>lines &
	memwatch=$!
	exec 3>steps 4<lines
	for n in 1 2 3; do
		read -r line <&4 || fail "no line $n"
		expect_match "line $n in $1" "$line" "$2"
		echo "+100000" >&3
	done
	exec 3>&-
	cat <&4 >/dev/null
	wait "$memwatch" || fail "status $?"
}

common='^[0-2][0-9]:[0-5][0-9]:[0-6][0-9] live [0-9.]+[BKM] \([+-][0-9.]+[BKM]\) objs [0-9,]+ '
common="${common}rss [0-9.]+M [0-9]+% of 1.0M"
lines C "$common [_.,=+*#-]+\$"
lines C.UTF-8 "$common (▁|▂|▃|▄|▅|▆|▇|█)+\$"
