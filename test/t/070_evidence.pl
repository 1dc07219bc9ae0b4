# Evidence of real Attesters, read where it lies (../shared/evidence, or COSERV_EVIDENCE): each file has the verdict that
# test/data/evidence_verdicts.tsv says; with COSERV_VERDICTS, a file with the verdicts of today is written there. And the examples of
# doc/evidence.md. Reads hundreds of files and writes CoRIMs for them, which is more than pg_regress is for.
use strict;
use warnings FATAL => 'all';

use File::Basename qw(dirname);
use FindBin;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my ($shared) = grep { -r "$_/MANIFEST.tsv" }
  ($ENV{COSERV_EVIDENCE} // (), $ENV{COSERV_CORPUS} ? dirname($ENV{COSERV_CORPUS}) . '/evidence' : (), "$top/../shared/evidence");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\nlog_min_error_statement = panic\nlog_statement = none");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION coserv; SELECT coserv.create_store(\'rim\')');

sub query
{
	return $node->safe_psql('postgres', shift);
}

# --- arguments --------------------------------------------------------------------------------------------------------------------

sub bytes { return "'\\x" . unpack('H*', shift) . "'::bytea" }

# The key in a JSON file: the first object that has a kty.
sub jwk
{
	my $json = shift;

	return $json if ref $json eq 'HASH' && exists $json->{kty};
	for my $part (ref $json eq 'HASH' ? (map { $json->{$_} } sort keys %$json) : ref $json eq 'ARRAY' ? @$json : ())
	{
		my $found = jwk($part);
		return $found if $found;
	}
	return undef;
}

# A key or certificate as text or bytes; of a PEM file with several the last, which is the root.
sub key
{
	my $data = slurp_file("$shared/" . shift);
	my @blocks;

	$data =~ s/\\n/\n/g;	# PEM in a text of JSON
	@blocks = $data =~ /(-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?)/gs;
	return bytes($data) . '::coserv.crypto_key' if $data =~ /^\x30/;
	return "\$key\$$blocks[-1]\$key\$::coserv.crypto_key" if @blocks;
	my $key = jwk(JSON::PP::decode_json($data));
	delete @$key{qw(d key_ops use kid alg)};
	return "\$key\$" . JSON::PP->new->canonical->encode($key) . "\$key\$::coserv.crypto_key";
}

# PEM and DER together as DER.
sub certificates
{
	my $all = '';

	for my $name (split /,/, shift)
	{
		my $data = slurp_file("$shared/$name");
		my @blocks = $data =~ /-----BEGIN CERTIFICATE-----(.*?)-----END/gs;
		$all .= @blocks ? join('', map { require MIME::Base64; MIME::Base64::decode_base64($_) } @blocks) : $data;
	}
	return bytes($all);
}

# coserv.evidence(...) for a row of the table: further arguments as "name=value", "unverified" or "environment".
sub call
{
	my ($file, $format, $with, $more) = @_;
	my $data = slurp_file("$shared/$file");
	my @arguments;

	for (split / /, $with)
	{
		my ($name, $value) = split /=/, $_, 2;
		if ($name eq 'skip') { $data = substr $data, $value }
		elsif ($name eq 'take') { $data = substr $data, 0, $value }
		elsif ($name eq 'keys') { push @arguments, 'keys => ARRAY[' . key($value) . ']' }
		elsif ($name eq 'certificates') { push @arguments, 'certificates => ' . certificates($value) }
		elsif ($name eq 'unverified') { push @arguments, 'unverified => true' }
		elsif ($name eq 'environment') { push @arguments, q{known_environment => '{0: {1: "known"}}'} }
		elsif ($name eq 'at') { push @arguments, "at => '$value'" }
		else { push @arguments, "$name => " . bytes(slurp_file("$shared/$value")) }
	}
	push @arguments, q{at => '2025-11-29T00:00Z'} unless $with =~ /\bat=/;
	return join ', ', "'$format'", bytes($data), @arguments, @{ $more // [] };
}

# --- a verdict for every file -------------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE FUNCTION verdict(call text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE r record; detail text; message text;
	BEGIN
		EXECUTE 'SELECT count(DISTINCT ect) AS ects, count(element) AS elements, bool_and(authority IS NOT NULL) AS verified, min(notes[1]) AS note'
			' FROM coserv.evidence(' || call || ')' INTO r;
		RETURN CASE WHEN r.verified THEN 'verified' ELSE r.note END || format(': %s ECTs, %s elements', r.ects, r.elements);
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, message = MESSAGE_TEXT;
		RETURN format('refused: %s (%s)', message, SQLSTATE);
	END $$});

SKIP:
{
	skip 'no Evidence of others beside the checkout (../shared/evidence, or COSERV_EVIDENCE)', 1 unless $shared;
	my (@differ, @today, %seen);

	for my $row (split /\n/, slurp_file("$top/test/data/evidence_verdicts.tsv"))
	{
		my ($file, $format, $with, $verdict) = split /\t/, $row, 4;
		my $found = $format eq '-' ? "no Evidence: $with" : query('SELECT verdict($call$' . call($file, $format, $with) . '$call$)');
		$seen{$file} = 1;
		push @today, join "\t", $file, $format, $with, $found;
		push @differ, "$file: $found" unless $found eq $verdict;
	}
	if ($ENV{COSERV_VERDICTS})
	{
		open(my $out, '>', $ENV{COSERV_VERDICTS}) or die;
		print $out map { "$_\n" } @today;
		close $out;
	}
	is(join("\n", @differ), '', 'each file of ../shared/evidence has its verdict: ' . @today);
	is(join(' ', grep { !$seen{$_} } map { (split /\t/)[0] } (split /\n/, slurp_file("$shared/MANIFEST.tsv"))[1 .. 207]), '', 'and none is forgotten');
	note("$_") for @today;
}

$node->stop;
done_testing();
