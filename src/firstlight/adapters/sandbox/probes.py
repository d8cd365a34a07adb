"""The programs that try to break out: one each, run inside the sandbox under test.

Every probe is harmless where nothing contains it: it allocates, forks and writes little more than
the limit it tests, calls the kernel with arguments that no kernel accepts, and removes what it
could write. A probe prints `held` when the wall held, or what it found.

They are written in Perl, because the smallest Debian-like system has it.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENDING = """
sub found { print "found: @_"; exit 0 }
sub held { print "held"; exit 0 }
"""

_SOCKETS = (
    """
use Socket qw(:DEFAULT inet_pton AF_INET6 pack_sockaddr_in6 pack_sockaddr_un);
sub ip { pack_sockaddr_in($_[0], inet_aton($_[1])) }
sub reach {
    my ($family, $type, $address, $what) = @_;
    socket(my $s, $family, $type, 0) or return;
    local $SIG{ALRM} = sub { print "held"; exit 0 };
    alarm 2;
    connect($s, $address) and (send($s, 'x', 0) or $type != SOCK_STREAM) and found($what);
    alarm 0;
}
"""
    + _ENDING
)

_WRITING = (
    """
sub fill {
    my ($path, $bytes) = @_;
    open(my $f, '>', $path) or return 0;
    my $done = 0;
    my $block = 'x' x 65536;
    while ($done < $bytes) {
        my $n = syswrite $f, $block;
        last unless $n;
        $done += $n;
    }
    close $f;
    return $done;
}
"""
    + _ENDING
)

PROBES: Mapping[str, str] = {
    # It is told: port.
    "network.tcp": _SOCKETS + "reach(AF_INET, SOCK_STREAM, ip($ARGV[0], '127.0.0.1'),"
    " 'a TCP port of the host'); held;",
    "network.tcp6": _SOCKETS
    + "reach(AF_INET6, SOCK_STREAM, pack_sockaddr_in6($ARGV[0], inet_pton(AF_INET6, '::1')),"
    " 'a TCP port of the host over IPv6'); held;",
    "network.udp": _SOCKETS
    + """
socket(my $s, AF_INET, SOCK_DGRAM, 0) or held;
send($s, 'probe', 0, ip($ARGV[0], '127.0.0.1'));
held;
""",
    "network.route": _SOCKETS
    + """
for ('169.254.169.254', '192.0.2.1', '8.8.8.8') {
    reach(AF_INET, SOCK_DGRAM, ip(80, $_), "a route to $_");
}
reach(AF_INET6, SOCK_DGRAM, pack_sockaddr_in6(80, inet_pton(AF_INET6, '2001:db8::1')),
    'a route to IPv6');
held;
""",
    # It is told: addresses of name servers.
    "network.dns": _SOCKETS
    + """
for (@ARGV) {
    socket(my $s, AF_INET, SOCK_DGRAM, 0) or held;
    connect($s, ip(53, $_)) or next;
    my $query = pack('nnnnnn', 1, 256, 1, 0, 0, 0) . "\\7example\\3org\\0" . pack('nn', 1, 1);
    local $SIG{ALRM} = sub { found("a route to the name server $_") };
    alarm 2;
    send($s, $query, 0) or next;
    recv($s, my $answer, 512, 0);
    alarm 0;
    found("an answer of $_") if length $answer;
}
held;
""",
    # It is told: name.
    "network.abstract_socket": _SOCKETS
    + """reach(AF_UNIX, SOCK_STREAM, pack('S', AF_UNIX) . "\\0$ARGV[0]",
    'an abstract socket of the host'); held;""",
    # It is told: path.
    "network.socket_file": _SOCKETS
    + "reach(AF_UNIX, SOCK_STREAM, pack_sockaddr_un($ARGV[0]), 'a socket of the host'); held;",
    # netlink, packet, vsock, alg, bluetooth, can, tipc, xdp
    "network.families": _SOCKETS
    + """
for my $family (16, 17, 40, 38, 31, 29, 30, 44) {
    for my $type (SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, 5) {
        socket(my $s, $family, $type, 0) and found("a socket of family $family");
    }
}
held;
""",
    "files.system_is_read_only": _ENDING
    + """
for my $at ('', '/usr', '/usr/bin', '/etc', '/var/tmp', '/var', '/dev', '/home', '/root', '/opt') {
    my $path = "$at/probe-$ARGV[0]";
    open(my $f, '>', $path) or next;
    unlink $path;
    found("$at can be written");
}
held;
""",
    # It is told: paths.
    "files.host_is_invisible": _ENDING
    + """
for (@ARGV, '/etc/shadow', '/root', '/home', '/var', '/run', '/sys', '/boot', '/srv') {
    -e $_ and found("$_ is there");
}
held;
""",
    "files.kernel_switches": _ENDING
    + """
for ('/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/overcommit_memory',
    '/proc/self/oom_score_adj_none', '/sys/kernel/uevent_helper') {
    open(my $f, '+<', $_) and found("$_ can be written");
}
held;
""",
    "files.devices": _ENDING
    + """
my %known = map { $_ => 1 } qw(core fd full null ptmx pts random shm stderr stdin stdout tty
    urandom zero console mqueue);
opendir(my $d, '/dev') or held;
for (readdir $d) { /^\\./ or $known{$_} or found("the device $_") }
held;
""",
    # It is told: bytes of the limit, folders.
    "files.scratch_is_bounded": _WRITING
    + """
my $limit = shift;
for my $at (@ARGV) {
    my $path = "$at/fill-$$";
    my $done = 0;
    for my $n (1 .. 4) { $done += fill("$path-$n", $limit) }
    unlink "$path-$_" for 1 .. 4;
    $done > $limit * 1.5 and found("$done bytes in $at");
}
held;
""",
    # It is told: token.
    "files.write_marks": "for ('/tmp', '/dev/shm', '.') { open(my $f, '>', \"$_/$ARGV[0]\") }"
    " print 'held'",
    "files.nothing_stays": _ENDING
    + """
for ('/tmp', '/dev/shm', '.') {
    if (-e "$_/$ARGV[0]") { unlink "$_/$ARGV[0]"; found("a file of an earlier run in $_") }
}
held;
""",
    "processes.host_is_invisible": _ENDING
    + """
opendir(my $d, '/proc') or held;
my @seen = grep { /^[0-9]+$/ } readdir $d;
@seen > 8 and found(scalar(@seen) . ' processes');
held;
""",
    # It is told: token in the command line of what tries to survive.
    "processes.daemon": """
if (!fork) {
    require POSIX;
    POSIX::setsid();
    exit 0 if fork;
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    exec 'perl', '-e', 'sleep 20', $ARGV[0];
}
sleep 1;
print 'held';
""",
    # It is told: names that the host's environment has.
    "environment.is_empty": _ENDING
    + """
my %ours = map { $_ => 1 } qw(PATH HOME LANG TMPDIR PWD SHLVL _ OLDPWD);
for (@ARGV) { exists $ENV{$_} and !$ours{$_} and found("the variable $_") }
held;
""",
    "limits.wall_time": "sleep 6; print 'outlived it'",
    "limits.cpu_time": "my $end = time + 8; 1 while time < $end; print 'outlived it'",
    # It is told: bytes.
    "limits.memory": "my $x = 'x' x $ARGV[0]; print 'outlived it'",
    # It is told: limit.
    "limits.processes": _ENDING
    + """
my $limit = shift;
my $made = 0;
for (1 .. $limit * 2 + 8) {
    my $pid = fork;
    last unless defined $pid;
    if (!$pid) { sleep 3; exit 0 }
    $made++;
}
$made > $limit and found("$made processes");
held;
""",
    # It is told: limit.
    "limits.file_size": _WRITING
    + """
$SIG{XFSZ} = 'IGNORE';
my $done = fill('/tmp/large', $ARGV[0] * 3);
unlink '/tmp/large';
$done > $ARGV[0] and found("a file of $done bytes");
held;
""",
    # It is told: megabytes.
    "limits.output": "my $b = 'y' x 1048576; for (1 .. $ARGV[0]) { syswrite STDOUT, $b }",
    "limits.cpu_share": "my $end = time + 3; 1 while time < $end; print 'held'",
    "privileges.none": _ENDING
    + """
open(my $f, '<', '/proc/self/status') or found('no status');
my %is = map { /^(\\w+):\\s*(\\S+)/ ? ($1 => $2) : () } <$f>;
$is{NoNewPrivs} eq '1' or found('set-uid programs work');
hex $is{$_} and found("capabilities $_ $is{$_}") for qw(CapPrm CapEff CapInh CapAmb);
$is{Uid} == 0 and found('user 0');
held;
""",
    # It is told: number of unshare, of clone.
    "kernel.nested_user_namespace": _ENDING
    + """
my ($unshare, $clone) = @ARGV;
syscall($unshare + 0, 0x10000000) == 0 and found('unshare');
my $pid = syscall($clone + 0, 0x10000000 | 17, 0, 0, 0, 0);
if ($pid == 0) { kill 'KILL', $$ }
$pid > 0 and found('clone');
held;
""",
    # It is told: name:number; arguments no kernel accepts, so what is allowed fails otherwise.
    "kernel.calls_are_denied": _ENDING
    + """
use Errno qw(EPERM ENOSYS);
for (@ARGV) {
    my ($name, $number) = split /:/;
    my $got = syscall($number + 0, -1, -1, -1, -1, -1);
    $got == -1 and ($! == EPERM or $! == ENOSYS) or found("$name answered: $!");
}
held;
""",
    # TIOCSTI; without a terminal an allowed call answers ENOTTY
    "kernel.terminal_input": _ENDING
    + """
use Errno qw(EPERM);
pipe(my $r, my $w);
my $byte = 'x';
ioctl($r, 0x5412, $byte) and found('it worked');
$! == EPERM or found("the kernel was asked: $!");
open(my $tty, '<', '/dev/tty') and found('a terminal');
held;
""",
}
