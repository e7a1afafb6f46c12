# Hashes of hashes and of lists, strings that grow. work.pl ROUNDS
use strict;
use warnings;

my $sum = 0;
for my $round (1 .. shift) {
    my %table;
    for my $i (1 .. 40000) {
        my $key = "key" . ($i * 7919 % 10007);
        push @{$table{$key}{list}}, $i;
        $table{$key}{text} .= "$i,";
    }
    $sum += length($table{$_}{text}) + @{$table{$_}{list}} for keys %table;
}
print "$sum\n";
