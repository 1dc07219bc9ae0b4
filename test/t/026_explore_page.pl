# The page /explore in headless Chromium (test/browser/look.py): each view at two widths, light and dark, by keyboard, with hostile names,
# without a breach of its policy, and without what axe-core finds serious. Screenshots go to explore/ in the log folder.
use strict;
use warnings;

use lib 'lib';
use Cwd qw(abs_path);
use Gateway;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $axe_version = '4.14.1';	# axe-core, MPL-2.0: fetched by npm, and in no package of ours

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;
plan skip_all => 'no chromium, chromium-driver and python3-selenium' unless -x '/usr/bin/chromium' && -x '/usr/bin/chromedriver'
	&& system('/usr/bin/python3 -c "import selenium" 2>/dev/null') == 0;

my $work = PostgreSQL::Test::Utils::tempdir;
local $ENV{HOME} = $work;	# the browser's and npm's
delete local @ENV{qw(http_proxy HTTP_PROXY all_proxy)};
my $shots = $PostgreSQL::Test::Utils::log_path . '/explore';
mkdir $shots;

sub run_in { my ($dir, @command) = @_; my $out = ''; return IPC::Run::run([ 'sh', '-c', 'cd "$0" && exec "$@"', $dir, @command ], '<', \undef, '>&', \$out, IPC::Run::timeout(300)) ? 1 : 0; }
my $axe = '';
$axe = "$work/package/axe.min.js" if run_in($work, qw(npm pack --silent), "axe-core\@$axe_version") && run_in($work, 'tar', 'xzf', "axe-core-$axe_version.tgz", 'package/axe.min.js');

my $node = PostgreSQL::Test::Cluster->new('explore_page');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE rims');
my ($status, undef, $error) = $node->psql('rims', '\i lib/explore.sql');
is($status, 0, 'a store to look into') or diag $error;
$node->safe_psql('rims', "CREATE ROLE looker LOGIN; SELECT rim.grant_reader('looker')");
my %facts = map { split /\|/ } split /\n/, $node->safe_psql('rims', 'SELECT name, id FROM made');
$facts{environment} = $node->safe_psql('rims', q{SELECT encode('{0: {1: "Widget AG", 2: "Model m"}}'::coserv.environment::bytea, 'hex')});
$facts{ $_->[0] } = slurp_file("data/evidence/$_->[1].hex") =~ s/\s//gr for [ 'psa', 'psa' ], [ 'changed', 'psa-changed' ], [ 'stranger', 'psa-stranger' ];
my $gateway = Gateway->start('--store', 'rim', '--db', 'host=' . $node->host . ' port=' . $node->port . ' dbname=rims user=looker', '--explore', '127.0.0.1:0');
my ($address) = $gateway->{out} =~ /^exploring on (\S+)$/m;

my $out = '';
IPC::Run::run([ '/usr/bin/python3', abs_path('browser/look.py'), "http://$address/explore", abs_path($shots), encode_json(\%facts), $axe ],
	'<', \undef, '>&', \$out, IPC::Run::timeout(900));
my $planned = 0;
for my $line (split /\n/, $out)
{
	if ($line =~ /^(not )?ok \d+ - (.*)/) { ok(!$1, $2); }
	elsif ($line =~ /^1\.\.\d+$/) { $planned = 1; }
	else { diag $line; }
}
ok($planned, 'the browser came to the end');
SKIP:
{
	skip "no axe-core $axe_version from npm", 1 unless $axe;
	like($out, qr/axe-core finds nothing serious/, 'axe-core looked at it');
}
$gateway->stop;
done_testing();
