# Session.pm - a psql that stays, for tests that need several transactions at once.
package Session;
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# Session->new(node, database): notices, warnings and errors are part of what it says.
sub new
{
	my ($class, $node, $database) = @_;
	my %is = (in => '', out => '');

	$is{run} = IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-A', '-t', '-d', $node->connstr($database // 'postgres') ],
		'<', \$is{in}, '>', \$is{out}, '2>&1', IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return bless \%is, $class;
}

# Has it begin a statement.
sub begin
{
	my ($self, $sql) = @_;

	$self->{out} = '';
	$self->{in} .= "$sql;\n\\echo done\n";
	$self->{run}->pump while length $self->{in};
	return;
}

# All that psql says until the statement's end.
sub end
{
	my $self = shift;

	$self->{run}->pump until $self->{out} =~ /^done$/m;
	return $self->{out} =~ s/^done\n//mr;
}

sub run
{
	my ($self, $sql) = @_;

	$self->begin($sql);
	return $self->end;
}

sub close
{
	my $self = shift;

	$self->{in} .= "\\q\n";
	$self->{run}->finish;
	return;
}

1;
