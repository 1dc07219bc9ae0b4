# Random acts in three regions that subscribe to each other, with clocks that are off by a minute, links that are cut, servers that are
# stopped with `immediate`, and regions that join late: once everything has reached everybody, all answer with the same bytes, as does a
# store that was given the same rows of truth in another order; and each still gives the answers that it has given.
#
# ACTS (60), ACTS_SEED: test/long/acts runs 500. Needs several servers: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;

my $ACTS = $ENV{ACTS} // 60;
my $MOMENTS = 20;
my $MINUTE = 60;
my $seed = $ENV{ACTS_SEED} // 20261129;
srand($seed);
diag("ACTS=$ACTS ACTS_SEED=$seed");

sub one_of { return $_[ int rand @_ ]; }
sub any { return int rand $_[0]; }

# ---- documents -----------------------------------------------------------------------------------------------------------------

my @TAGS = map { "tag-$_" } 1 .. 10;
my @SIGNERS = qw(acme certifier stranger);
my @CHAIN = qw(root middle leaf);    # to whom the certificates of one document lead
my %public = ((map { $_ => literal("$_.pub") } @SIGNERS), root => literal('pki/root.crt'), middle => literal('pki/middle.crt'), leaf => literal('pki/leaf.crt'), open => q{'560(h''01'')'});

# From a second ago to some weeks ahead.
sub instant { return int(time - 1 + 2**rand(22)); }

sub comid
{
	my $n = shift;
	my $links = rand() < 0.2 ? sprintf(', 3: [{0: "%s", 1: %d}]', one_of(@TAGS), rand() < 0.8 ? 1 : 0) : '';
	my $triples = join ', ', map {
		my $environment = sprintf('{0: {0: 560(h\'%02x\'), 1: "ACME", 2: "model %d"}}', any(6), any(2));
		sprintf('[%s, [{0: "firmware", 1: {1: %d}}]]', $environment, any(4))
	} 1 .. 1 + any(3);

	return sprintf('506(<<{1: {0: "%s", 1: %d}%s, 4: {%d: [%s]}}>>)', one_of(@TAGS), any(6), $links, any(2), $triples);
}

sub cotl
{
	my $n = shift;
	my $list = join ', ', map { '{0: "' . one_of(@TAGS) . '"' . (rand() < 0.2 ? ', 1: ' . any(6) : '') . '}' } 1 .. 1 + any(4);

	return sprintf('508(<<{0: {0: "cotl-%d", 1: %d}, 1: [%s], 2: {1: 1(%d)}}>>)', any(3), any(3), $list, instant() + 100);
}

# An expression that makes the document, and how it is loaded: [expression, further arguments of load()].
sub document
{
	my $n = shift;
	my $tags = join ', ', map { rand() < 0.15 ? cotl($n) : comid($n) } 1 .. 1 + any(2);
	my $validity = rand() < 0.5 ? sprintf(', 4: {%s1: 1(%d)}', rand() < 0.5 ? sprintf('0: 1(%d), ', instant()) : '', instant() + 5000000) : '';
	my $text = quoted(sprintf('501({0: "corim-%d", 1: [%s]%s})', any(12), $tags, $validity));
	my $kind = rand();

	return [ "$text\::coserv.corim::bytea", ", 'open'" ] if $kind < 0.1;
	if ($kind < 0.3)
	{
		my $leaf = rand() < 0.5 ? 'leaf' : 'revoked';
		my @chain = (der("$leaf.crt"), der('middle.crt'));
		return [ sprintf('coserv.sign(%s, %s, %s, ARRAY[%s])::bytea', "$text\::coserv.corim", literal("pki/$leaf.key"), "'leaf'", join(', ', @chain)), '' ];
	}
	my $signer = one_of(@SIGNERS);
	my $sign = sprintf('coserv.sign(%s::coserv.corim, %s, %s', $text, literal("$signer.key"), quoted($signer));
	return [ "$sign, detached => true)::bytea", ", payload => $text\::coserv.corim::bytea" ] if $kind < 0.35;
	return [ "$sign)::bytea", '' ];
}

# Another document of the same statement: what nobody signed is another.
sub another
{
	my $bytes = pack 'H*', shift;
	my $at = 2;
	my $length = ord(substr $bytes, $at, 1) & 31;

	return unless substr($bytes, 0, 2) eq "\xd2\x84";
	$at += 1 + ($length < 24 ? $length : $length == 24 ? 1 + ord(substr $bytes, $at + 1, 1) : 2 + unpack 'n', substr $bytes, $at + 1, 2);
	return unless substr($bytes, $at, 1) eq "\xa0";
	substr $bytes, $at, 1, "\xa1\x19\xff\x00" . pack 'CN', 0x1a, any(2**31);
	return unpack 'H*', $bytes;
}

my $node = new_region('east', clock => $MINUTE);
my @documents = map { document($_) } 1 .. $ACTS / 2;
my @loads;    # a list each of a statement's documents
{
	my @hex = split /\n/, $node->safe_psql('postgres', join ";\n", map { "SELECT encode($_->[0], 'hex')" } @documents);

	for my $i (0 .. $#hex)
	{
		my @same = $hex[$i];
		push @same, grep { defined } map { another($hex[$i]) } 1 .. (rand() < 0.3 ? 12 : 2) if rand() < 0.15;
		push @loads, [ map { "SELECT rim.load('\\x$_'$documents[$i][1])" } @same ];
	}
}
# what two of them have signed, in two documents
push @loads, [ map { q{SELECT rim.load('\x} . (slurp_file("$FindBin::RealBin/../data/forms/$_.hex") =~ s/\s//gr) . q{')} } qw(sign-both sign-both-again) ];
push @loads, [ q{SELECT rim.load_collection('\x} . (slurp_file("$FindBin::RealBin/../data/forms/collection.hex") =~ s/\s//gr) . q{')} ];

# One of the next few, so that documents of a statement come soon after each other, and in any region.
sub next_load
{
	my $at = any(@loads < 8 ? scalar @loads : 8);
	my $load = shift @{ $loads[$at] };

	splice @loads, $at, 1 unless @{ $loads[$at] };
	return $load;
}

# ---- acts ----------------------------------------------------------------------------------------------------------------------

my $told = 0;

sub at_instant { return sprintf "'%s'::timestamptz", scalar gmtime(instant()) . '+00'; }
sub effective { return rand() < 0.4 ? 'now()' : rand() < 0.3 ? "now() - interval '1 day'" : at_instant(); }
sub reason { return quoted('r' . ++$told); }

# One of a table's rows, whatever the region has of them.
sub chosen
{
	my ($table, $condition) = @_;

	return sprintf('(SELECT s.id FROM (SELECT r.id, row_number() OVER (ORDER BY r.id) - 1 AS n, count(*) OVER () AS c FROM rim.%s r WHERE %s) s WHERE s.n = %d %% s.c)',
		$table, $condition, any(1000));
}

sub name { return quoted(one_of(@SIGNERS, @CHAIN, 'open')); }

sub scope
{
	return one_of(
		sub { 'tag_ids = ' . one_of('NULL', q('{tag-_}'), q('{tag-1%,tag-5,cotl%}')) },
		sub { 'tag_ids = NULL, kinds = ' . one_of('NULL', q('{0}'), q('{0,1}')) },
		sub { 'environments = ' . one_of('NULL', q(ARRAY['{0: {1: "ACME"}}'::coserv.environment]), q(ARRAY['{0: {0: 560(h''03'')}}'::coserv.environment])) },
		sub { 'valid_until = ' . one_of('NULL', at_instant()) },
		sub { 'valid_from = NULL, shown_as = ' . one_of('NULL', q('560(h''aa'')'), q('560(h''bb'')')) },
		sub { 'activates = ' . one_of('true', 'false') },
		sub { 'note = ' . reason() },
		sub { 'tag_ids = NULL, kinds = NULL, environments = NULL, valid_until = NULL' })->();
}

sub add_authority
{
	my ($name) = @_;

	return "INSERT INTO rim.authority (name, key, accepts_unsigned, accepts_cose_sign) VALUES ('$name', $public{$name}, " . ($name eq 'open' ? 'true' : 'false') . ', true)';
}

my @revocations = (
	sub { 'INSERT INTO rim.revocation (manifest, effective_from, reason) SELECT id, ' . effective() . ', ' . reason() . ' FROM ' . chosen('manifest', 'true') . ' c' },
	sub { sprintf 'INSERT INTO rim.revocation (authority, tag_id, effective_from, reason) VALUES (%s, %s, %s, %s)', name(), quoted(one_of(@TAGS, 'cotl-1')), effective(), reason() },
	sub { sprintf 'INSERT INTO rim.revocation (authority, tag_id, tag_version, effective_from, reason) VALUES (%s, %s, %d, %s, %s)', name(), quoted(one_of(@TAGS)), any(6), effective(), reason() },
	sub { sprintf 'INSERT INTO rim.revocation (authority, effective_from, reason) VALUES (%s, %s, %s)', name(), effective(), reason() },
);
my @crls = map { my $crl = $_; sub { "INSERT INTO rim.crl (authority, der, chain) VALUES ('" . one_of(qw(root middle)) . "', " . der($crl) . ', ARRAY[' . der('middle.crt') . '])' } } qw(middle.crl later.crl);

# What is done, and how often of a hundred times.
my @ACTS = (
	[ 49, sub { @loads ? next_load() : act() } ],
	[ 3, $revocations[0] ], [ 2, $revocations[1] ], [ 2, $revocations[2] ], [ 1, $revocations[3] ],
	[ 12, sub { 'INSERT INTO rim.revocation (undoes, effective_from, reason) SELECT id, ' . effective() . ', ' . reason() . ' FROM ' . chosen('revocation', 'undoes IS NULL') . ' c' } ],
	[ 9, sub { 'UPDATE rim.authority SET ' . scope() . ' WHERE name = ' . name() } ],
	[ 2, sub { my $name = name(); "UPDATE rim.authority SET name = CASE WHEN name = $name THEN name || ' too' ELSE $name END WHERE name IN ($name, $name || ' too')" } ],
	[ 2, sub { 'DELETE FROM rim.authority WHERE name = ' . name() } ],
	[ 5, sub { add_authority(one_of(@SIGNERS, @CHAIN, 'open')) } ],
	[ 5, sub { sprintf 'SELECT rim.set_policy(require_cotl => %s, refuse_older => %s)', rand() < 0.3 ? 'true' : 'false', one_of('NULL', 'NULL', 'true', 'false') } ],
	[ 3, sub { sprintf q{INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:x', %d, '%s', '%s')}, -1 - any(2), one_of(qw(level other)), one_of(qw(minimum equal)) } ],
	[ 3, sub { one_of(@crls)->() } ],
	[ 1.5, sub { 'SELECT rim.forget(c.id, ' . reason() . ') FROM ' . chosen('manifest', 'true') . ' c' } ],
	[ 0.5, sub { 'SELECT rim.erase_for_others(' . one_of('true', 'false') . ')' } ],
);

sub act
{
	my $dice = rand 100;

	for my $act (@ACTS)
	{
		return $act->[1]->() if $dice < $act->[0];
		$dice -= $act->[0];
	}
	return "SELECT rim.load('\\x')";
}

# What may be said against an act by who knows less, or knows otherwise.
my $REFUSED = join '|', 'already', 'does not exist', 'is older than', 'revoked', 'scope', 'no authority', 'not valid', 'expired', 'may not', 'has another key',
  'authorities with the name', 'several authorities', 'duplicate key value .*(?:crl|authority)_pkey', 'documents of the statement', 'vouches', 'do not lead to', 'unsigned', 'forgotten';

# ---- regions -------------------------------------------------------------------------------------------------------------------

my @nodes;
my (%clock, %is_down, %recorded, @odd);
my @queries = (
	'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}',
	'{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "model 1"}]]}, 2: 1}}',
	'{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h\'03\')}], [{0: 560(h\'04\')}]]}, 2: 2}}',
	'{0: "tag:x", 1: {0: 1, 1: {0: [[{1: "ACME"}]]}, 2: 2}}',
	(map { sprintf '{0: "tag:x", 1: {3: [%s]}}', join ', ', map { "[2, \"corim-$_\"]" } @$_ } [ 0 .. 11 ], [ 3 ], [ 4 ]),
	(map { sprintf '{0: "tag:x", 1: {3: [%s]}}', join ', ', map { "[0, \"$_\"]" } @$_ } [ @TAGS ], [ 'tag-1' ], [ 'tag-2' ]),
	'{0: "tag:x", 1: {3: [[1, "cotl-0"], [1, "cotl-1"], [1, "cotl-2"]]}}',
);
my $evidence = '{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h\'01\')], "environment": {0: {0: 560(h\'03\'), 1: "ACME", 2: "model 1"}},'
  . ' "element-list": [{"element-id": "firmware", "element-claims": {1: 2}}]}';

sub join_regions
{
	my $new = shift;

	for my $other (@nodes)
	{
		next if $is_down{ $other->name };
		subscribe($other, $new);
		subscribe($new, $other);
	}
	push @nodes, $new;
	return;
}

# What is not linked yet, as one of them was down.
sub link_all
{
	for my $to (@nodes)
	{
		my %has = map { $_ => 1 } split /\n/, $to->safe_psql('postgres', 'SELECT subname FROM pg_subscription');

		$has{ 'from_' . $_->name } or subscribe($_, $to) for grep { $_ != $to } @nodes;
		$to->safe_psql('postgres', "ALTER SUBSCRIPTION $_ ENABLE") for keys %has;
	}
	return;
}

sub up { return grep { !$is_down{ $_->name } } @nodes; }

sub stop_hard
{
	my $region = shift;
	my $last;

	# what was answered at a moment that the next clock may give again to a commit is not held to (doc/operations.md, "Regions")
	$last = $region->safe_psql('postgres', 'SELECT max(known_at) FROM rim.settled');
	$recorded{ $region->name } = [ grep { $_->[0] le $last } @{ $recorded{ $region->name } } ];
	$region->stop('immediate');
	$is_down{ $region->name } = 1;
	return;
}

sub revive
{
	my ($region, $clock) = @_;

	start_region($region, $clock);
	delete $is_down{ $region->name };
	return;
}

# Answers of now, and their moments.
sub record
{
	my $region = shift;
	my $sql = join ";\n", map {
		"SELECT moment || '=$_=' || encode(result::bytea, 'hex') FROM rim.execute_now(" . quoted($queries[$_]) . ')'
	} 0 .. $#queries;
	my ($code, $out, $err) = $region->psql('postgres', $sql);

	push @odd, "recording: $err" if $code != 0;
	push @{ $recorded{ $region->name } }, map { [ split /=/ ] } split /\n/, $out;
	return;
}

sub do_act
{
	my $region = one_of(up());
	my @acts = map { act() } 1 .. (rand() < 0.2 ? 1 + any(4) : 1);
	my $sql = join ";\n", @acts;

	$sql = @acts > 1 ? "BEGIN;\n" . join(";\n", map { rand() < 0.2 ? "SAVEPOINT s;\n$_;\nROLLBACK TO s" : $_ } @acts) . ";\nCOMMIT" : $acts[0];
	my ($code, $out, $err) = $region->psql('postgres', $sql, on_error_stop => 1);
	for my $error (grep { /ERROR|FATAL|PANIC/ } split /\n/, $err)
	{
		push @odd, substr($error, 0, 300) . ' <- ' . substr($sql, 0, 300) unless $error =~ /$REFUSED/;
	}
	return;
}

sub disturb
{
	my $dice = rand();
	my @up = up();

	if ($dice < 0.6)
	{
		my $to = one_of(@up);
		my @subscriptions = split /\n/, $to->safe_psql('postgres', 'SELECT subname FROM pg_subscription ORDER BY 1') or return;
		$to->safe_psql('postgres', 'ALTER SUBSCRIPTION ' . one_of(@subscriptions) . ($dice < 0.35 ? ' DISABLE' : ' ENABLE'));
	}
	elsif (@up > 1)
	{
		stop_hard(one_of(@up));
	}
	return;
}

push @nodes, $node;
join_regions(new_region('west', clock => -$MINUTE));
$nodes[ any(2) ]->safe_psql('postgres', add_authority($_)) for @SIGNERS, one_of('root', 'middle'), 'open';
for my $n (1 .. $ACTS)
{
	do_act();
	record(one_of(up())) if rand() < 0.15;
	disturb() if rand() < 0.08;
	revive($_, one_of(-$MINUTE, 0, $MINUTE)) for grep { $is_down{ $_->name } && rand() < 0.3 } @nodes;
	join_regions(new_region('late')) if $n == int($ACTS / 2);
}

# ---- healed --------------------------------------------------------------------------------------------------------------------

revive($_, one_of(-$MINUTE, 0, $MINUTE)) for grep { $is_down{ $_->name } } @nodes;
join_regions(new_region('last', clock => -$MINUTE));
link_all();
ok(wait_for_same_truth(@nodes), 'everything reaches everybody');
is(join("\n", @odd), '', 'and nothing was said against an act but what may be');
diag(same_truth(@nodes) . ' rows of truth; by kind: ' . $node->safe_psql('postgres', q{SELECT string_agg(kind || ': ' || n, ', ' ORDER BY kind) FROM (SELECT kind, count(*) AS n FROM rim.truth GROUP BY 1) s}));

# A store that gets the same rows of truth, each by itself and in another order.
$node->safe_psql('postgres', "SELECT coserv.create_store('one')");
$node->safe_psql('postgres', qq{
	SET session_replication_role = replica;
	DO \$\$
	DECLARE row rim.truth;
	BEGIN
		FOR row IN SELECT * FROM rim.truth ORDER BY md5(id::text || '$seed') LOOP
			INSERT INTO one.truth VALUES (row.*);
			COMMIT;
		END LOOP;
	END \$\$});

sub answers
{
	my ($store, $moment) = @_;

	return join ' || chr(32) || ',
	  (map { "encode(substr(sha256($store.execute(" . quoted($_) . ", '$moment')::bytea), 1, 8), 'hex')" } @queries),
	  "(SELECT count(*) || ':' || md5(coalesce(string_agg(t::text, ',' ORDER BY t.manifest, t.ordinal), '')) FROM $store.triples_at('$moment') t)",
	  "(SELECT md5(coalesce(string_agg(a::text, ','), '')) FROM $store.appraise(" . quoted($evidence) . ", '$moment') a)";
}

# later than all clocks, and than all that is known anywhere: who was stopped may have learnt it while its clock was ahead
my $base = (sort map { $_->safe_psql('postgres', 'SELECT greatest(clock_timestamp(), max(known_at)) FROM rim.settled') } @nodes)[-1];
$base = $node->safe_psql('postgres', "SELECT greatest('$base', (SELECT max(known_at) FROM one.settled)) + interval '1 second'");
my @moments = split /\n/, $node->safe_psql('postgres', "SELECT '$base'::timestamptz + interval '1 s' * floor(power(2, k * 22.0 / $MOMENTS)) FROM generate_series(0, $MOMENTS - 1) k");
my @stores = ((map { [ $_, 'rim' ] } @nodes), [ $node, 'one' ]);
my @said = map {
	my ($server, $store) = @$_;
	[ split /\n/, $server->safe_psql('postgres', join ";\n", map { 'SELECT ' . answers($store, $_) } @moments) ]
} @stores;
my @names = ((map { $_->name } @nodes), 'one');
my %different = map { $_ => 1 } @{ $said[0] };
diag('triples at these moments: ' . join ' ', map { /(\d+):/ } @{ $said[0] });
cmp_ok(scalar keys %different, '>', $MOMENTS / 4, 'the moments to come differ: ' . scalar keys %different);

# What of a store's triples another does not have.
sub only_here
{
	my ($here, $there, $moment) = @_;
	my @rows = map {
		my ($server, $store) = @$_;
		+{ map { $_ => 1 } split /\n/, $server->safe_psql('postgres', "SELECT t.manifest, t.ordinal, t.authority, t.not_after, t.truth, (SELECT concat_ws('/', g.kind, g.tag_id, g.tag_version) FROM $store.tag g WHERE g.manifest = t.manifest AND g.ordinal = t.tag) FROM $store.triples_at('$moment') t") }
	} $here, $there;

	return join "\n", grep { !$rows[1]{$_} } sort keys %{ $rows[0] };
}

for my $i (1 .. $#said)
{
	my @wrong = grep { $said[0][$_] ne $said[$i][$_] } 0 .. $#moments;

	is(scalar @wrong, 0, "$names[$i] answers at $MOMENTS moments as $names[0] does");
	for my $n (@wrong[ 0 .. ($#wrong < 2 ? $#wrong : 2) ])
	{
		my @a = split / /, $said[0][$n];
		my @b = split / /, $said[$i][$n];
		diag("at $moments[$n]: " . join(', ', map { $a[$_] eq $b[$_] ? () : (($queries[$_] // ('triples_at', 'appraise')[ $_ - @queries ]) . " ($a[$_] $b[$_])") } 0 .. $#a));
		diag("only $names[0]:\n" . only_here($stores[0], $stores[$i], $moments[$n]) . "\nonly $names[$i]:\n" . only_here($stores[$i], $stores[0], $moments[$n]));
	}
}

for my $region (@nodes)
{
	my @kept = map { $_ eq 't' ? 1 : 0 } split /\n/, $region->safe_psql('postgres', join ";\n", map { "SELECT NOT EXISTS (SELECT FROM rim.forgotten_at('$_->[0]'))" } @{ $recorded{ $region->name } // [] });
	my @then = map { $recorded{ $region->name }[$_] } grep { $kept[$_] } 0 .. $#kept;
	my @now = @then ? split /\n/, $region->safe_psql('postgres', join ";\n", map {
		"SELECT encode(rim.execute(" . quoted($queries[ $_->[1] ]) . ", '$_->[0]')::bytea, 'hex')" } @then) : ();
	my @wrong = grep { $then[$_][2] ne $now[$_] } 0 .. $#then;

	is(scalar @wrong, 0, $region->name . ' gives its ' . scalar(@then) . ' answers of the past again, but for ' . (@kept - @then) . ' that have lost what was forgotten');
	for my $n (@wrong[ 0 .. ($#wrong < 4 ? $#wrong : 4) ])
	{
		diag("as of $then[$n][0]: $queries[$then[$n][1]]");
		diag($region->safe_psql('postgres', "SELECT coserv.describe('\\x$_'::coserv.cbor)")) for $then[$n][2], $now[$n];
	}
	is($region->safe_psql('postgres', "SELECT 'check', manifest::text, derived_table FROM rim.check() UNION ALL SELECT 'verify', manifest::text, problem FROM rim.verify()"),
		'', 'and finds nothing wrong with itself');
	my $log = slurp_file($region->logfile);
	unlike($log, qr/PANIC|terminated by signal|TRAP|XX000/, 'and nothing worse than a stop befell it');
}

done_testing();
