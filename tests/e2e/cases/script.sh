# A script with #! is run by its interpreter and reported as such.
. "$TOP/tests/e2e/lib.sh"
needs perl

cat >script.pl <<'END'
#!/usr/bin/perl -w
print "from perl: @ARGV\n";
exit 4;
END
chmod +x script.pl
same_as_native ./script.pl one two
expect status "$status" 4
expect_match interpreter "$(json '.processes[0].exe')" 'perl'
