# A real program, the same with and without memwatch: perl.
. "$TOP/tests/e2e/lib.sh"
needs perl

same_as_native perl -e 'my %h; $h{$_ % 1000} .= $_ for 1 .. 50000;
	print length(join ",", map { $h{$_} } sort keys %h), "\n"; exit 3'
same_as_native perl -e 'my $pid = fork; if (!$pid) { my @a = (1) x 1000; exit 4 } waitpid $pid, 0; print $? >> 8, "\n"'
