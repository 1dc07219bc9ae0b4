# The statements of src/pg/base/statements.c as SQL sees them: preprocessed C in, a JSON array of name, sql and types out.
use strict;
use warnings;

my $string = qr/"(?:[^"\\]|\\.)*"/;
local $/;
my $c = <STDIN>;
$c =~ s/^.*?statement_texts\[CS_STATEMENTS\]\s*=\s*\{//s or die "no statement_texts";
my @statements;
while ($c =~ /\[(CS_STMT_\w+)\]\s*=\s*\{\s*((?:$string\s*)+),\s*\{([^}]*)\}\s*,?\s*\}/g)
{
	my ($name, $sql, $types) = ($1, $2, $3);
	# a JSON string is a C string here: both escape " and \ alone
	my $text = join '', map { substr $_, 1, -1 } $sql =~ /$string/g;
	push @statements, sprintf '{"name": "%s", "sql": "%s", "types": [%s]}', $name, $text, join ', ', $types =~ /$string/g;
}
die "no statements" unless @statements;
print '[', join(', ', @statements), ']';
