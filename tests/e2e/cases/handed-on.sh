# A program finds no descriptor, mapping name or thread more than it would have alone.
. "$TOP/tests/e2e/lib.sh"

same_as_native sh -c 'ls /proc/self/task | wc -l'
same_as_native sh -c 'trap; ulimit -a; umask; pwd'
same_as_native perl -e 'print join(" ", map { defined $SIG{$_} ? $_ : () } sort keys %SIG), "\n"'
same_as_native sh -c 'grep -E "Sig(Blk|Ign|Cgt)" /proc/self/status'
