# Document.pm - runs the statements of a document, block by block, as its reader would. A block of sh runs in a shell, one of sql in psql;
# a block of text behind it is what it must print, but for what differs each time: ids, times, signatures, and "...", which is anything.
package Document;
use strict;
use warnings;

use IPC::Run;
use Test::More;

# new(file, folder to work in, variables of the environment): \set and SET of one block hold in those behind it, as in one session.
sub new
{
	my ($class, $file, $folder, %env) = @_;
	open my $in, '<', $file or die "$file: $!";
	local $/;
	my @blocks;
	my ($line, $text) = (1, <$in>);

	while ($text =~ /\G(.*?)^```([a-z]*)\n(.*?)^```\n/gms)
	{
		my ($before, $kind, $body) = ($1, $2, $3);
		$line += ($before =~ tr/\n//) + 1;
		push @blocks, { kind => $kind, body => $body, line => $line };
		$line += ($body =~ tr/\n//) + 1;
	}
	return bless { file => $file, blocks => \@blocks, folder => $folder, env => \%env, kept => '' }, $class;
}

sub blocks { return @{ $_[0]->{blocks} }; }

# What one block prints, both streams in their order; in psql it goes on behind an error when may_fail is set.
sub run
{
	my ($self, $block, $may_fail) = @_;
	my $out = '';
	my @psql = ('psql', '-X', '-q', '-P', 'pager=off', '-v', 'ON_ERROR_STOP=' . ($may_fail ? 0 : 1));
	my @command = $block->{kind} eq 'sh' ? ('bash', '-e') : @psql;
	my $input = ($block->{kind} eq 'sql' ? $self->{kept} : '') . $block->{body};

	local %ENV = (%ENV, %{ $self->{env} });
	IPC::Run::run(\@command, '<', \$input, '>', \$out, '2>&1', init => sub { chdir $self->{folder} or die "$self->{folder}: $!" });
	my $status = $? >> 8;
	$self->{kept} .= join '', map { "$_\n" } grep { /^\\set |^SET / } split /\n/, $block->{body} if $block->{kind} eq 'sql';
	return ($status, $out);
}

sub settled
{
	my ($text) = @_;

	$text =~ s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/ID/g;
	$text =~ s/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00|Z)?/TIME/g;
	$text =~ s/\\x[0-9a-f]{64,}/BYTES/g;
	$text =~ s/-{3,}(\+-{3,})*-*/---/g;
	$text =~ s/[ \t]+/ /g;
	$text =~ s/^ | $//gm;
	$text =~ s/\n+\z/\n/;
	return $text;
}

sub matches
{
	my ($got, $wanted) = map { settled($_) } @_;
	my $pattern = join '.*', map { quotemeta } split /\.\.\.\n?/, $wanted, -1;

	return $got =~ /\A$pattern\s*\z/s;
}

# Every block that wanted->(block) takes; each is a test.
sub check
{
	my ($self, $wanted) = @_;
	my @blocks = $self->blocks;

	for my $i (0 .. $#blocks)
	{
		my $block = $blocks[$i];
		next unless $block->{kind} =~ /^(sh|sql)$/ && $wanted->($block);
		my $next = $i < $#blocks && $blocks[ $i + 1 ]{kind} eq 'text' ? $blocks[ $i + 1 ]{body} : undef;
		my ($status, $out) = $self->run($block, defined $next && $next =~ /ERROR:/);
		my $name = "$self->{file}, line $block->{line}: " . ($block->{body} =~ /^(?!\\set|--|#)(.{1,50})/m)[0];

		ok($status == 0 || (defined $next && $next =~ /ERROR:|refused|coserv: /), $name) or diag($out);
		ok(matches($out, $next), '... prints what it says') or diag("it printed:\n$out") if defined $next;
	}
	return;
}

1;
