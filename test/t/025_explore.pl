# The gateway's page /explore as bytes on the wire: off unless asked for, its files and their policy, each view's data, errors with DETAIL
# and HINT, limits, rights of a reader who is limited, several stores, and a standby.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use IPC::Run;
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;

my $node = PostgreSQL::Test::Cluster->new('explore');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 40");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE rims');
my ($status, undef, $error) = $node->psql('rims', '\i lib/explore.sql');
is($status, 0, 'a store to look into') or diag $error;
sub sql { return $node->safe_psql('rims', @_); }
sql("CREATE ROLE looker LOGIN; SELECT rim.grant_reader('looker'); CREATE ROLE tenant LOGIN; SELECT rim.grant_reader('tenant');
	SELECT coserv.create_store('partners'); SELECT partners.grant_reader('looker')");
my %id = map { split /\|/ } split /\n/, sql('SELECT name, id FROM made');
my $hex = sub { my ($name) = @_; my $text = slurp_file("data/evidence/$name.hex"); chomp $text; return $text; };

sub db { my ($node, $user) = @_; return ('--db', 'host=' . $node->host . ' port=' . $node->port . " dbname=rims user=$user"); }
sub start { my ($node, $user, @options) = @_; return Gateway->start('--store', 'rim', db($node, $user), '--explore', '127.0.0.1:0', @options); }
sub page { my ($gateway) = @_; return ($gateway->{out} =~ /^exploring on (\S+)$/m)[0]; }

# view(ADDRESS, NAME, ARGUMENTS): the answer, and its body as data
sub view
{
	my ($address, $name, $arguments, $prefix) = @_;
	my $body = ref $arguments ? encode_json($arguments) : $arguments // '';
	my $answer = Gateway::parse(Gateway::raw($address, join("\r\n", 'POST ' . ($prefix // '') . "/explore/data/$name HTTP/1.1", 'Host: x', 'Connection: close',
		'Content-Type: application/json', 'Content-Length: ' . length $body, '', $body)) // '', 0);

	$answer->{json} = eval { decode_json($answer->{body}) };
	return $answer;
}

# ---- off unless asked for ----

my $plain = Gateway->start('--store', 'rim', db($node, 'looker'));
for my $path ('/explore', '/explore/explore.js', 'POST /explore/data/overview')
{
	is(Gateway::ask($plain->{address}, $path)->{status}, 404, "$path: nothing is there without --explore");
}
unlike($plain->{out}, qr/exploring/, '... and nothing listens');
is($plain->stop, 0, 'it stops');

# ---- the files ----

my $gateway = start($node, 'looker', '--store', 'rim,partners', '--admin', '127.0.0.1:0', '--max-evidence-size', '20000', '--explore-timeout', '5000');
my $address = page($gateway);
is(Gateway::ask($gateway->{address}, '/explore')->{status}, 404, 'not where queries are answered');
my $index = Gateway::ask($address, '/explore');
is($index->{status}, 200, 'the page');
like($index->{headers}{'content-type'}, qr{^text/html; charset=utf-8$}, '... is HTML');
my $policy = $index->{headers}{'content-security-policy'};
like($policy, qr/^default-src 'none'; script-src 'self'; style-src 'self';.*require-trusted-types-for 'script'; trusted-types 'none'$/, '... with a strict policy');
unlike($policy, qr/unsafe|data:|http|\*/, '... without a hole');
is($index->{headers}{'x-content-type-options'}, 'nosniff', '... whose type is what it says');
is($index->{headers}{'cross-origin-resource-policy'}, 'same-origin', '... for nobody else');
is($index->{headers}{'referrer-policy'}, 'no-referrer', '... that tells nobody where one was');
unlike($index->{body}, qr/<script(?![^>]*src=)|<style|style=|\son\w+=|https?:/, 'nothing stands in it that the policy would refuse, and nothing from elsewhere');
my %seen;
my @files = ($index->{body} =~ /(?:src|href)="(explore\/[^"]+)"/g);
while (my $file = shift @files)
{
	next if $seen{$file}++;
	my $answer = Gateway::ask($address, "/$file");
	is($answer->{status}, 200, "/$file");
	is($answer->{headers}{'content-security-policy'}, $policy, '... with the policy');
	my $without = $answer->{body} =~ s{http://www\.w3\.org/[0-9a-zA-Z/]+}{}gr;	# names of namespaces
	unlike($without, qr{https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function}, '... asks nobody else, and makes no markup of text');
	push @files, map { "explore/$_" } $answer->{body} =~ /from '\.\/([^']+)'/g;
}
ok((grep { /\.js$/ } keys %seen) == 5 && $seen{'explore/explore.css'}, 'all of its modules');
is(Gateway::ask($address, $_)->{status}, 404, "$_: 404") for '/', '/explore/', '/explorer', '/explore/embed', '/explore/../main.c', '/explore/data', '/explore/index.html/x';
is(Gateway::ask($address, 'HEAD /explore')->{status}, 200, 'HEAD');
is(Gateway::ask($address, 'POST /explore')->{headers}{allow}, 'GET, HEAD', 'it is read with GET');
is(Gateway::ask($address, '/explore?x=1')->{status}, 200, 'a query string changes nothing');

# ---- the data ----

my $overview = view($address, 'overview');
is($overview->{status}, 200, 'a view');
is($overview->{headers}{'content-type'}, 'application/json', '... is JSON');
is($overview->{headers}{'cache-control'}, 'no-store', '... and kept by nobody');
is($overview->{json}{store}, 'rim', '... of the first store');
is(view($address, 'overview', undef, '/partners')->{json}{store}, 'partners', '... and of another by its name');
is(Gateway::ask($address, '/partners/explore')->{status}, 200, '... whose page is beside it');
my %views = (
	search => [ { search => 'wid' }, sub { $_[0]{environments}[0]{vendor} eq 'Widget AG' } ],
	environment => [ { environment => '{0: {1: "Widget AG", 2: "Model m"}}' }, sub { @{ $_[0]{triples} } == 2 } ],
	document => [ { manifest => $id{new} }, sub { $_[0]{corim_id} eq 'acme/2' && $_[0]{edn} =~ /tags/ } ],
	timeline => [ { search => 'script' }, sub { @{ $_[0]{tags} } == 3 } ],
	vouchers => [ { digest => '02' x 32 }, sub { $_[0]{mentions}[0]{authority} eq 'ACME' } ],
	formats => [ {}, sub { (grep { $_->{format} eq 'psa' } @{ $_[0] }) == 1 } ],
	domains => [ {}, sub { @{ $_[0]{edges} } == 4 } ],
	lapsing => [ { within => '30 days' }, sub { $_[0]{lapsing}[0]{name} eq 'acme/lapsing' } ],
	conflicts => [ {}, sub { @{ $_[0]{conflicts} } == 2 } ],
	appraisal => [ { format => 'psa', evidence => encode_base64(pack('H*', $hex->('psa-changed')), '') },
		sub { (grep { $_->{standing} eq 'contradicted' } map { @{ $_->{elements} } } @{ $_[0]{environments} }) == 1 } ],
	claims => [ { format => 'psa', evidence => encode_base64(pack('H*', $hex->('psa-stranger')), '') }, sub { @{ $_[0] } == 3 } ],
);
for my $name (sort keys %views)
{
	my ($arguments, $holds) = @{ $views{$name} };
	my $answer = view($address, $name, $arguments);

	is($answer->{status}, 200, "view $name") or diag $answer->{body};
	ok(eval { $holds->($answer->{json}) }, '... says what it should') or diag $answer->{body};
}
my ($listed) = sql("SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE pronamespace = 'rim'::regnamespace AND proname LIKE 'explore\\_%'
	AND proname NOT IN ('explore_manifests', 'explore_ranges')");
is($listed, join(' ', map { "explore_$_" } sort(keys %views, 'overview')), 'those are all of the views');
my $hostile = view($address, 'document', { manifest => $id{hostile} });
is($hostile->{json}{tags}[0]{tag_id}, '</script><b>', 'a name that is markup arrives as it is, in JSON');

# ---- what goes wrong ----

my $answer = view($address, 'document', { manifest => '00000000-0000-4000-8000-000000000000' });
is($answer->{status}, 404, 'a document that is not there');
is(view($address, 'nothing')->{status}, 404, 'a view that is none');
is(view($address, 'Overview;DROP')->{status}, 404, '... or no word');
$answer = view($address, 'appraisal', { format => 'psa', evidence => 'AAAA' });
is($answer->{status}, 400, 'Evidence that is none');
is_deeply([ @{ $answer->{json} }{qw(title detail sqlstate)} ], [ 'invalid evidence: bytes follow the end of the CBOR item', 'At byte 1: found 2 bytes.', '22P03' ],
	'... is told with DETAIL') or diag $answer->{body};
$answer = view($address, 'appraisal', { format => 'none', evidence => 'AAAA' });
ok($answer->{status} == 400 && $answer->{json}{hint}, '... and with HINT') or diag $answer->{body};
like($answer->{headers}{'content-type'}, qr{^application/problem\+json$}, '... as problem details');
like(view($address, 'search', '{')->{body}, qr/"title":"invalid input syntax for type json"/, 'arguments that are no JSON');
is(view($address, 'search', "{\"search\": \"\0\"}")->{status}, 400, '... or have a NUL');
is(view($address, 'search', "{\"search\": \"\xff\"}")->{status}, 400, '... or are not UTF-8');
is(view($address, 'search', '{"search": "' . ('x' x 19_000) . '"}')->{status}, 200, 'long arguments');
is(view($address, 'search', '{"search": "' . ('x' x 20_000) . '"}')->{status}, 413, '... and longer ones than max-evidence-size');
is(Gateway::ask($address, '/explore/data/overview')->{status}, 405, 'data by GET: no');
is(Gateway::ask($address, 'POST /explore/data/overview', 'Content-Type: text/plain', 'Content-Length: 0')->{status}, 415,
	'what a form of another site could send: no');
my $holder = $node->background_psql('rims');
$holder->query_safe('BEGIN; LOCK rim.authority IN ACCESS EXCLUSIVE MODE');
$answer = view($address, 'overview');
is($answer->{status}, 503, 'what takes too long ends');
like($answer->{json}{hint}, qr/explore-timeout/, '... and says which setting ended it');
$holder->query_safe('ROLLBACK');
$holder->quit;
unlike($gateway->log, qr/widget|Widget|0202/i, 'the log does not have what was looked for');
like($gateway->log, qr/"listener":"explore","store":"rim","method":"POST","path":"\/explore\/data\/vouchers","status":200/, '... but which views were');
like(Gateway::ask($gateway->{admin}, '/metrics')->{body}, qr/^coserv_gateway_pool_size\{pool="explore"\} 2$/m, 'its connections are in the metrics');
is($gateway->stop, 0, 'it stops');

# ---- the rights of its role ----

sql("SELECT rim.limit_reader('tenant', ARRAY['Other'])");
my $limited = start($node, 'looker', '--explore-db', (db($node, 'tenant'))[1]);
$address = page($limited);
is_deeply([ map { $_->{name} } @{ view($address, 'overview')->{json}{authorities} } ], ['Other'], 'a limited reader sees his authorities');
is(view($address, 'document', { manifest => $id{new} })->{status}, 404, '... no document of others');
is(view($address, 'document', { manifest => $id{other} })->{status}, 200, '... his own');
is(@{ view($address, 'vouchers', { digest => '02' x 32 })->{json}{mentions} }, 0, '... no digest of others');
is_deeply([ map { $_->{corim_id} } @{ view($address, 'timeline', {})->{json}{tags} } ], ['other/1'], '... no tag of others');
is(view($address, 'conflicts')->{json}{conflicts}[0], undef, '... and no conflict with them');
$limited->stop;

sql('CREATE ROLE nobody LOGIN');
my ($out, $err) = ('', '');
IPC::Run::run([ $Gateway::program, '--store', 'rim', db($node, 'looker'), '--explore', '127.0.0.1:0', '--explore-db', (db($node, 'nobody'))[1], '--check' ],
	'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
like($err, qr/explore: store "rim" does not answer: ERROR:  permission denied/, '--check says that its role may not read');

# ---- what doc/explore.md says ----

my $doc = slurp_file('../doc/explore.md');
sql($_) for $doc =~ /```sql\n(.*?)```/sg;
like(sql("SET enable_seqscan = off; EXPLAIN SELECT FROM rim.triples_now(NULL) t WHERE coserv.environment_words(t.environment) @@ coserv.environment_search('wid')"),
	qr/Bitmap Index Scan on triple_words/, 'the index of the page serves searches');
my $configuration = ($doc =~ /```ini\n(.*?)```/s)[0];
my $where = 'host=' . $node->host . ' port=' . $node->port;
$configuration =~ s{host=/run/postgresql}{$where}g;
$configuration =~ s/user=coserv-gateway/user=looker/;
my $file = PostgreSQL::Test::Utils::tempdir . '/gateway.conf';
open my $conf, '>', $file or die $!;
print $conf $configuration;
close $conf;
($out, $err) = ('', '');
IPC::Run::run([ $Gateway::program, '--config', $file, '--check' ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
is($out . $err, "ok\n", '... and its configuration works');

# ---- a standby ----

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('explore_standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
my $beside = start($standby, 'looker');
for my $name (sort keys %views)
{
	$answer = view(page($beside), $name, $views{$name}[0]);
	ok($answer->{status} == 200 && eval { $views{$name}[1]->($answer->{json}) }, "view $name on a standby") or diag $answer->{body};
}
ok(view(page($beside), 'overview')->{json}{standby}, '... which says that it is one');
$beside->stop;
done_testing();
