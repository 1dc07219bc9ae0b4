# doc/federation.md as its reader meets it: each statement runs as it is printed, in its order, on stores of one database and of another server.
use strict;
use warnings;

use lib 'lib';
use Document;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(here eu);
my ($key, $public) = map { slurp_file("data/acme.$_") } qw(key pub);
chomp($key, $public);
for my $node (values %node)
{
	$node->init;
	$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 20\nautovacuum = off\ntimezone = 'UTC'");
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE rims');
}
sub sql { my ($name, @rest) = @_; return $node{$name}->safe_psql('rims', @rest); }

sub document
{
	my ($id, $kind, $triple) = @_;

	return qq{coserv.sign('501({0: "$id", 1: [506(<<{1: {0: "$id"}, 4: {$kind: [$triple]}}>>)]})', \$k\$$key\$k\$, 'acme')};
}
my $firmware = document('firmware', 0, qq([{0: {1: "ACME", 2: "Roadrunner"}}, [{0: "firmware", 1: {1: 7, 2: [[1, h''@{[ 'ab' x 32 ]}'']]}}]]));

# Here: ACME is at home in rim_eu, which judges its chains as of then; rim_us and rim know others. There: ACME is in rim, too.
sql('here', "CREATE EXTENSION coserv; CREATE ROLE verifier LOGIN; SELECT coserv.create_store(s) FROM unnest(ARRAY['rim_eu', 'rim_us', 'rim']) s;"
	  . "INSERT INTO rim_eu.authority (name, key, valid_from, kinds, key_purposes, chains_judged_at) VALUES ('ACME', \$k\$$public\$k\$, '2020-01-01', '{0,1}', '{1.2.3}', '2024-01-01');"
	  . "SELECT rim_eu.load($firmware); SELECT rim.grant_reader('verifier')");
sql('eu', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('ACME', \$k\$$public\$k\$); SELECT rim.load($firmware);"
	  . q{CREATE ROLE aggregator LOGIN PASSWORD 'secret'; SELECT rim.grant_reader('aggregator')});
my $hba = $node{eu}->data_dir . '/pg_hba.conf';
my $rules = slurp_file($hba);
unlink $hba;
append_to_file($hba, "local all aggregator scram-sha-256\nhost all aggregator all scram-sha-256\n$rules");
$node{eu}->reload;
append_to_file($node{here}->data_dir . '/query.cbor',
	pack 'H*', sql('here', q{SELECT encode('{0: "tag:example.com,2026:q", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')}));

# ---- the page, with this test's hosts and the digest of the document ----

my @blocks = grep { $_->{kind} } Document->new('../doc/federation.md', '.')->blocks;
my $at = 'host \'' . $node{eu}->host . '\', port \'' . $node{eu}->port . "'";
my $page = Document->new('../doc/federation.md', $node{here}->basedir, PGHOST => $node{here}->host, PGPORT => $node{here}->port, PGDATABASE => 'rims');
sub next_block
{
	my ($pattern) = @_;
	my $block = shift @blocks;

	like($block->{kind} . ' ' . $block->{body}, qr/^sql .*$pattern/s, "doc/federation.md, line $block->{line}");
	$block->{body} =~ s/host 'db\.eu\.example'/$at/;
	$block->{body} =~ s/\\xabcd\.\.\./'\\x' . 'ab' x 32/e;
	my ($status, $out) = $page->run($block, 0);
	is($status, 0, '... runs') or diag($out);
	return $out;
}

like(next_block('create_federation\(.all_vendors'), qr/"firmware"/, 'stores of this database: what one has is answered');
my $quads = q{SELECT count(*) FROM %s.quads(pg_read_binary_file('query.cbor')::coserv.coserv, %s)};
is(sql('here', sprintf $quads, 'all_vendors', 'NULL'), '1', '... it is that of ACME');

next_block('CREATE USER MAPPING FOR verifier');
sql('here', "GRANT USAGE ON SCHEMA all_regions TO verifier; INSERT INTO all_regions.placement (authority, member) SELECT coserv.authority_id(\$k\$$public\$k\$), 'eu.rim'");
my $query = sql('here', q{SELECT pg_read_binary_file('query.cbor')});
is($node{here}->safe_psql('rims', "SELECT authority FROM all_regions.quads('$query'::bytea::coserv.coserv)", extra_params => [ '-U', 'verifier' ]), 'ACME',
	'a member of another server answers whom the mapping lets in');

like(next_block('execute_members'), qr/"rim_eu": \{"moment": "20.*"rim_us": \{"asked": false\}/s, 'moments of the members that were asked');

my $out = next_block('all_vendors\.reference_value');
like($out, qr/ACME +\| Roadrunner +\| *7? *\|.*ACME +\| rim_eu/, 'a view, and from whom its rows are');
like($out, qr/\n +0\n\(1 row\)/, '... as of when nothing was there');
like($out, qr/ACME +\|.*\| rim_eu\n\(1 row\)/, '... and who vouches for a digest');

my $before = sql('here', 'SELECT clock_timestamp()');
like(next_block('INSERT INTO rim_us\.authority'), qr/[0-9a-f]{8}-[0-9a-f]{4}-8/, 'an authority moves');
is(sql('here', q{SELECT (to_jsonb(a) - '{moment,known_at,truth,added_by,scope}'::text[]) = (to_jsonb(b) - '{moment,known_at,truth,added_by,scope}'::text[])
	FROM rim_eu.authority a, rim_us.authority b WHERE a.id = b.id}), 't', '... with all that it may say');
is(sql('here', sprintf $quads, 'all_vendors', 'NULL'), '1', '... its document is answered');
my $asked = q{SELECT members -> 'rim_eu' ? 'moment', members -> 'rim_us' ? 'moment' FROM all_vendors.execute_members(pg_read_binary_file('query.cbor')::coserv.coserv)};
is(sql('here', $asked), 'f|t', '... by the new member');
is(sql('here', sprintf $quads, 'all_vendors', "'$before'"), '1', '... and as of earlier moments');
is(scalar @blocks, 0, 'the page is at its end');
$_->stop for values %node;
done_testing();
