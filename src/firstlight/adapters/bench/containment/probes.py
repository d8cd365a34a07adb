"""The program that tries to get out, run inside the very sandbox that samples use.

One process tries everything, so that a proof costs two runs: the first tries and leaves marks
behind, the second looks for them. It prints a line for each attempt: its number, whether the wall
held, hundredths of a second, and what it saw; and at the end the nonce it was given. A line that
is missing counts as open.

Each kind of attempt has a *control*: the same code is pointed at something that is there (a
listener, a file, a process, a variable of the probe's own) and must see it. A probe that cannot
see proves nothing.

It is harmless where nothing contains it: it sends at most one packet to an address, to addresses
reserved for documentation apart from those it is told, writes only names of its own, and removes
what it can. Perl, because the smallest Debian-like system has it.
"""

from __future__ import annotations

PROBE = r"""
use Socket qw(:DEFAULT inet_pton AF_INET6 pack_sockaddr_in6 pack_sockaddr_un);
use Fcntl;
use Errno qw(EINPROGRESS ECONNREFUSED EAGAIN);
$| = 1;
my $nonce = shift @ARGV;
my $wait = 0.3;
sub now { open(my $f, '<', '/proc/uptime') or return 0; (split ' ', <$f>)[0] }
sub in4 { pack_sockaddr_in($_[1], inet_aton($_[0])) }
sub in6 { pack_sockaddr_in6($_[1], inet_pton(AF_INET6, $_[0])) }
sub own { $_[0] =~ /^127\./ or $_[0] eq '::1' }
sub ready { my ($s, $out) = @_; my $v = ''; vec($v, fileno $s, 1) = 1;
    $out ? select(undef, $v, undef, $wait) : select($v, undef, undef, $wait) }
# open: it answered; refused: somebody said no; route: it went out; shut: the kernel has no way
sub attempt {
    my ($family, $type, $address) = @_;
    socket(my $s, $family, $type, 0) or return ('shut', "$!");
    fcntl($s, F_SETFL, O_NONBLOCK);
    return ('open', 'connected') if connect($s, $address);
    return ('refused', "$!") if $! == ECONNREFUSED;
    return ('open', 'busy') if $! == EAGAIN;
    return ('shut', "$!") if $! != EINPROGRESS;
    return ('route', 'no answer, but a way out') unless ready($s, 1);
    my $error = unpack('i', getsockopt($s, SOL_SOCKET, SO_ERROR));
    return ('open', 'connected') unless $error;
    $! = $error;
    return ($error == ECONNREFUSED ? 'refused' : 'route', "$!");
}
sub reached {
    my ($own, $how, $what) = @_;
    return "reached: $what" if $how eq 'open' or $how eq 'route' or ($how eq 'refused' and !$own);
    return '';
}
# A datagram to a name server: whether it went, and whether it was answered.
sub asked {
    my ($family, $address, $own) = @_;
    socket(my $s, $family, SOCK_DGRAM, 0) or return '';
    connect($s, $address) or return '';
    my $query = pack('nnnnnn', 7, 256, 1, 0, 0, 0) . "\7example\3org\0" . pack('nn', 1, 1);
    send($s, $query, 0) or return '';
    return 'a way to it' unless $own;
    return '' unless ready($s, 0);
    my $answer = '';
    return defined recv($s, $answer, 512, 0) && length $answer ? 'it answered' : '';
}
sub named {
    my $name = shift;
    my $pid = fork; defined $pid or return 'cannot fork';
    if (!$pid) { $SIG{ALRM} = 'DEFAULT'; alarm 1; exit(gethostbyname($name) ? 10 : 0) }
    waitpid($pid, 0);
    return $? == 0 ? '' : $? >> 8 == 10 ? 'it resolved' : 'a resolver was still asking';
}
sub seen_word {
    my $word = shift; my $count = 0;
    for my $path (glob '/proc/[0-9]*/cmdline') {
        open(my $f, '<', $path) or next; local $/; my $words = <$f>;
        $count++ if defined $words and index($words, $word) >= 0;
    }
    return $count;
}
sub names { my $at = shift; opendir(my $d, $at) or return; grep { !/^\.\.?$/ } readdir $d }
sub bounded { substr(join(' ', @_), 0, 160) }
sub slurp { open(my $f, '<', shift) or return ''; local $/; my $t = <$f>; defined $t ? $t : '' }
my @places = ('/tmp', '/dev/shm', '/box', '/target', '/var/tmp', '/run', '/opt');
my %do = (
    tcp4 => sub { reached(own($_[0]), attempt(AF_INET, SOCK_STREAM, in4(@_))) },
    tcp6 => sub { reached(own($_[0]), attempt(AF_INET6, SOCK_STREAM, in6(@_))) },
    udp4 => sub { reached(0, attempt(AF_INET, SOCK_DGRAM, in4(@_))) },
    udp6 => sub { reached(0, attempt(AF_INET6, SOCK_DGRAM, in6(@_))) },
    dns4 => sub { asked(AF_INET, in4(@_), own($_[0])) },
    dns6 => sub { asked(AF_INET6, in6(@_), own($_[0])) },
    name => sub { named(@_) },
    unix => sub { return '' unless -e $_[0];
        my ($how) = attempt(AF_UNIX, SOCK_STREAM, pack_sockaddr_un($_[0])); "it is there, $how" },
    abstract => sub { my ($how) = attempt(AF_UNIX, SOCK_STREAM, pack('S', AF_UNIX) . "\0$_[0]");
        $how eq 'open' ? 'connected' : '' },
    routes => sub {
        my @found = map { (split)[0] } grep { !/^Iface/ and !/^lo\s/ } split /\n/,
            slurp('/proc/net/route');
        push @found, grep { defined and $_ ne 'lo' } map { (split)[9] } split /\n/,
            slurp('/proc/net/ipv6_route');
        @found ? 'routes over ' . bounded(@found) : '' },
    sockets => sub {
        my @found = grep { defined and length } map { (split ' ', $_, 8)[7] } split /\n/,
            slurp('/proc/net/unix');
        @found = grep { !/^Path$/ and index($_, $nonce) < 0 } @found;
        @found ? bounded(@found) : '' },
    variables => sub {
        my @found = grep { /^(?:(?:https?|all|ftp|no|socks)_proxy|pip_\w*index_url|npm_config_
            (?:registry|\w*proxy)|uv_\w*index\w*|goproxy)$/xi } sort keys %ENV;
        @found ? bounded(@found) : '' },
    # It comes reversed, because the command line of the probe itself is seen as well.
    word => sub { seen_word(scalar reverse $_[0]) ? 'its command line is visible' : '' },
    processes => sub {
        my @found = grep { /^\d+$/ } names('/proc');
        my @odd = grep { my $t = slurp("/proc/$_/cmdline"); $t ne '' and index($t, $nonce) < 0 }
            @found;
        @odd > 1 ? scalar(@odd) . ' processes that are not of this run' : '' },
    exists => sub { lstat $_[0]; -e _ || -l _ ? 'it is there' : '' },
    write => sub { my $path = "$_[0]/$nonce"; open(my $f, '>', $path) or return '';
        unlink $path; 'it can be written' },
    empty => sub { my @found = grep { index($_, $nonce) < 0 } names($_[0]);
        @found ? 'it holds ' . bounded(@found) : '' },
    queues => sub { my @found = grep { slurp("/proc/sysvipc/$_") =~ /\n./ } qw(shm msg sem);
        @found ? bounded(@found) : '' },
    mark => sub {
        for my $at (@places) { open(my $f, '>', "$at/$_[0]") or next; print $f $_[0] }
        my $pid = fork; defined $pid or return 'cannot fork';
        if (!$pid) {
            open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null');
            open(STDERR, '>', '/dev/null');
            socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack('S', AF_UNIX) . "\0$_[0]");
            listen($s, 1); sleep 60; exit 0;
        }
        select(undef, undef, undef, 0.02); '' },
    marks => sub {
        my @found = grep { -e "$_/$_[0]" } @places;
        unlink map { "$_/$_[0]" } @found;
        my ($how) = attempt(AF_UNIX, SOCK_STREAM, pack('S', AF_UNIX) . "\0$_[0]");
        push @found, 'a process' if $how eq 'open';
        @found ? 'left in ' . bounded(@found) : '' },
);
# Where not even the inner loopback is up, the kernel itself says that there is no way to see.
my $loopback = index(slurp('/proc/net/fib_trie'), '127.0.0.1') >= 0;
sub listening {
    my ($family, $address) = @_;
    socket(my $s, $family, SOCK_STREAM, 0) or return;
    bind($s, $address) and listen($s, 4) or return;
    return $s;
}
# Each must be seen; what the system does not have cannot be, and says so.
my %control = (
    tcp4 => sub { $loopback or return '';
        my $s = listening(AF_INET, in4('127.0.0.1', 0)) or return 'cannot listen';
        (attempt(AF_INET, SOCK_STREAM, getsockname $s))[0] eq 'open' ? '' : 'not seen' },
    tcp6 => sub { my $s = listening(AF_INET6, in6('::1', 0)) or return '';
        (attempt(AF_INET6, SOCK_STREAM, getsockname $s))[0] eq 'open' ? '' : 'not seen' },
    dns => sub { $loopback or return '';
        socket(my $s, AF_INET, SOCK_DGRAM, 0) or return "$!";
        bind($s, in4('127.0.0.1', 0)) or return "$!";
        my $at = getsockname $s;
        my $pid = fork; defined $pid or return 'cannot fork';
        if (!$pid) { my $from = recv($s, my $text, 512, 0); send($s, 'x', 0, $from); exit 0 }
        my $said = asked(AF_INET, $at, 1); kill 'KILL', $pid; waitpid($pid, 0);
        $said eq 'it answered' ? '' : 'not seen' },
    unix => sub { my $path = "/tmp/$nonce";
        my $s = listening(AF_UNIX, pack_sockaddr_un($path)) or return "cannot listen: $!";
        my $said = $do{unix}->($path); unlink $path; $said =~ /open/ ? '' : 'not seen' },
    abstract => sub {
        my $s = listening(AF_UNIX, pack('S', AF_UNIX) . "\0c$nonce") or return 'cannot listen';
        $do{abstract}->("c$nonce") ? '' : 'not seen' },
    word => sub { seen_word($nonce) ? '' : 'not seen' },
    variables => sub { local $ENV{https_proxy} = 'x'; $do{variables}->() ? '' : 'not seen' },
    write => sub { $do{write}->('/tmp') ? '' : 'not seen' },
    exists => sub { $do{exists}->('/proc/self') ? '' : 'not seen' },
    mark => sub { open(my $f, '>', "/tmp/m$nonce") or return "$!"; close $f;
        $do{marks}->("m$nonce") ? '' : 'not seen' },
);
for (@ARGV) {
    my ($number, $kind, @words) = split /\t/;
    my $began = now();
    my $said = $kind eq 'control' ? $control{$words[0]}->() : $do{$kind}->(@words);
    $said =~ s/[^ -~]/?/g;
    print "$number\t", ($said eq '' ? 'held' : 'open'), "\t", int((now() - $began) * 100),
        "\t$said\n";
}
print "end\t$nonce\n";
"""
CONTROLS = (
    "tcp4",
    "tcp6",
    "dns",
    "unix",
    "abstract",
    "word",
    "variables",
    "write",
    "exists",
    "mark",
)
"""what the probe can be pointed at to show that it sees"""
