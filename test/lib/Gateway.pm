# Gateway.pm - what the gateway's tests share: a gateway that is started on free ports and stopped again, and requests as raw bytes.
package Gateway;
use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep time);

our $program = $ENV{COSERV_GATEWAY} // '../build/gateway/coserv-gateway';
my $limit = 30;	# seconds, of everything
my $count = 0;
my $logs;

# start(OPTION...): listens on a free port unless an option says where. It logs into a file: a pipe that nobody reads would stop it.
sub start
{
	my ($class, @options) = @_;

	$logs //= PostgreSQL::Test::Utils::tempdir('gateway');
	my $self = bless { out => '', file => "$logs/" . ++$count . '.log' }, $class;

	unshift @options, '--listen', '127.0.0.1:0'
	  unless grep { $_ eq '--listen' || $_ eq '--config' } @options;
	local $ENV{PGAPPNAME};
	delete $ENV{PGAPPNAME};
	$self->{run} = IPC::Run::start([ $program, @options ], '<', \undef, '>', \$self->{out}, '2>', $self->{file},
		IPC::Run::timeout(10 * $limit));
	$self->{run}->pump until $self->{out} =~ /^listening on .*\n/m || !$self->{run}->pumpable;
	($self->{address}) = $self->{out} =~ /^listening on (\S+)$/m or die "it does not listen: " . $self->log;
	($self->{admin}) = $self->{out} =~ /^admin on (\S+)$/m;
	($self->{provision}) = $self->{out} =~ /^provisioning on (\S+)$/m;
	return $self;
}

sub pid { return $_[0]->{run}->{KIDS}[0]{PID}; }

# What it has logged so far.
sub log
{
	return slurp_file($_[0]->{file});
}

# Waits until its log says so.
sub logs
{
	my ($self, $pattern) = @_;

	for (1 .. 20 * $limit)
	{
		return 1 if $self->log =~ $pattern;
		sleep 0.05;
	}
	return 0;
}

sub signal { my ($self, $name) = @_; $self->{run}->signal($name); return; }

# Its exit status, after SIGTERM.
sub stop
{
	my ($self) = @_;

	$self->{run}->signal('TERM');
	$self->{run}->finish;
	return $self->{run}->result(0);
}

# ---- requests ----

# dial(ADDRESS, BYTES, FROM): a connection on which these bytes were sent.
sub dial
{
	my ($address, $bytes, $from) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $address, LocalAddr => $from, Timeout => $limit) or die "could not connect: $!";

	$socket->autoflush(1);
	local $SIG{PIPE} = 'IGNORE';
	print $socket $bytes;
	return $socket;
}

# Everything up to the end of the connection; undef when that does not come within so many seconds.
sub read_all
{
	my ($socket, $seconds) = @_;
	my $until = time + ($seconds // $limit);
	my $answer = '';
	my $select = IO::Select->new($socket);

	while (1)
	{
		return undef if time > $until || !$select->can_read($until - time);
		my $n = sysread($socket, $answer, 65536, length $answer);
		return $answer unless $n;
	}
}

sub raw { my ($address, $bytes) = @_; return read_all(dial($address, $bytes)); }

# ask(ADDRESS, PATH, HEADER...): status, headers in lower case, body, seconds that it took; status 0 where nothing came.
sub ask
{
	my ($address, $path, @headers) = @_;
	my $method = $path =~ s/^([A-Z]+) // ? $1 : 'GET';
	my $begin = time;
	my $answer = eval { raw($address, join("\r\n", "$method $path HTTP/1.1", 'Host: x', 'Connection: close', @headers, '', '')) } // '';

	return parse($answer, time - $begin);
}

sub parse
{
	my ($answer, $seconds) = @_;
	my ($head, $body) = split /\r\n\r\n/, $answer, 2;
	my ($first, @lines) = split /\r\n/, $head // '';
	my ($status) = ($first // '') =~ /^HTTP\/1\.1 (\d+)/;
	my %headers = map { /^([^:]+): (.*)$/ ? (lc $1 => $2) : () } @lines;

	return { status => $status // 0, headers => \%headers, body => $body // '', seconds => $seconds };
}

1;
