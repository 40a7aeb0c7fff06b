"""A veth pair in a network namespace of its own, what sends into one end, and what listens at the other.

What is sent there leaves it nowhere; all of it is gone when the script ends. Needs root and iproute2.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

here = os.path.dirname(os.path.realpath(__file__))
root = os.path.dirname(os.path.dirname(here))
SENDER = os.path.join(root, "benchmarks", "Spillway.Benchmarks")


def skip(reason):
    """Ends the script without a result."""
    print(f"skipped: {reason}")
    sys.exit(0)


def need(*tools):
    """Skips the script if a tool is not installed."""
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        skip(f"missing: {' '.join(missing)}; type: sudo apt-get install {' '.join(missing)}")


def build_sender(path=None):
    """The program that sends: given, or built from benchmarks/Spillway.Benchmarks."""
    if path:
        return os.path.abspath(path)
    need("dotnet")
    print("building the sender...", file=sys.stderr)
    subprocess.run(["dotnet", "build", SENDER, "-c", "Release", "-v", "quiet", "-nologo"], check=True, stdout=sys.stderr)
    target = subprocess.run(["dotnet", "build", SENDER, "-c", "Release", "--getProperty:TargetPath"], check=True, capture_output=True, text=True)
    return os.path.splitext(target.stdout.strip())[0]


def processor_seconds(pid, thread=None):
    """User and system time of a process so far, or of one of its threads."""
    with open(f"/proc/{pid}/task/{thread}/stat" if thread else f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Wire:
    """A context manager: the pair v0 (listen) and v1 (send), and the processes that were started there."""

    def __init__(self, sender, nice=False):
        self.name = f"spillway-wire-{os.getpid()}"
        self._sender = sender
        self.nice = ["nice", "-n", "-20"] if nice else []
        self._children = []

    def __enter__(self):
        need("ip")
        if os.geteuid() != 0:
            skip("network namespaces need root")
        for command in (["netns", "add", self.name], ["-n", self.name, "link", "add", "v0", "type", "veth", "peer", "name", "v1"]):
            made = subprocess.run(["ip", *command], capture_output=True, text=True, check=False)
            if made.returncode != 0:
                self.__exit__()
                skip(f"ip {' '.join(command)}: {made.stderr.strip()}")
        # The kernel sends nothing of its own there: what comes is what was sent.
        subprocess.run(["ip", "netns", "exec", self.name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"], check=False)
        for end in ("v0", "v1"):
            subprocess.run(["ip", "-n", self.name, "link", "set", end, "up"], check=True)
        return self

    def __exit__(self, *_):
        for child in self._children:
            if child.poll() is None:
                child.kill()
        for child in self._children:
            child.wait()
        subprocess.run(["ip", "netns", "del", self.name], stderr=subprocess.DEVNULL, check=False)

    def start(self, command, **options):
        """Starts a command there. It is killed at the end if it has not ended by then; its process is the command's own."""
        child = subprocess.Popen(["ip", "netns", "exec", self.name, *self.nice, *command], stdin=subprocess.DEVNULL, **options)
        self._children.append(child)
        return child

    def sending(self, capture, pps, seconds, at_once=16):
        """Starts to send a capture: see WireSend. Its only line is the account, see sent()."""
        return self.start([self._sender, "send", "v1", capture, str(pps), str(seconds), str(at_once)], stdout=subprocess.PIPE, text=True)

    @staticmethod
    def sent(child):
        """Waits for a sender's end; what it sent: packets, bytes, seconds, rounds."""
        output = child.communicate()[0]
        if child.returncode != 0:
            sys.exit("the sender failed")
        return json.loads(output)

    def send(self, capture, pps, seconds, at_once=16):
        """Sends, and waits for the end of it."""
        return self.sent(self.sending(capture, pps, seconds, at_once))

    def write(self, path, capture, pps, seconds, at_once=16):
        """Writes what would be sent into a capture file."""
        command = [self._sender, "send", path, capture, str(pps), str(seconds), str(at_once)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


class Probe:
    """`spillway run -i v0` while it runs. Messages go to a file; the summary is read at the end."""

    def __init__(self, wire, program, output, *options):
        self.log = os.path.join(output, "messages")
        self._messages = open(self.log, "w+", encoding="utf-8", errors="replace")
        self._summary = open(os.path.join(output, "summary.json"), "w+", encoding="utf-8")
        self.child = wire.start([program, "run", "-i", "v0", "--json", "-o", os.path.join(output, "out"), *options],
                                stdout=self._summary, stderr=self._messages)
        self.usage = None
        self._wait_for("listening on")
        self.listening_at = time.monotonic()

    @property
    def pid(self):
        return self.child.pid

    def status(self, *names):
        """Fields of /proc/PID/status in MiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as file:
            fields = dict(line.split(":", 1) for line in file)
        return [int(fields[name].split()[0]) / 1024 for name in names]

    def settle(self, quiet=0.3, most=60):
        """Waits until the lane, which is the program's first thread, has nothing to do."""
        begun = time.monotonic()
        last, since = processor_seconds(self.pid, self.pid), begun
        while time.monotonic() - since < quiet and time.monotonic() - begun < most:
            time.sleep(0.02)
            now = processor_seconds(self.pid, self.pid)
            # Idle turns cost a tick now and then.
            if now - last > 0.015:
                last, since = now, time.monotonic()
        return since

    def stop(self, patience=120):
        """Ends it as a user does, and returns the summary. 'late' in it: seconds from the signal until packets were done."""
        stopped_at = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            sys.exit(f"the program did not end within {patience} s after SIGTERM")
        self._summary.seek(0)
        text = self._summary.read()
        self._summary.close()
        if not text:
            self._fail(f"failed ({self.child.returncode})")
        self._messages.close()
        try:
            summary = json.loads(text)
        except json.JSONDecodeError as fault:
            sys.exit(f"the program's summary is cut off after {len(text):,} bytes: {fault}")
        summary["late"] = self.listening_at + summary["run"]["read_seconds"] - stopped_at
        return summary

    def _wait_for(self, text):
        while self.child.poll() is None:
            self._messages.seek(0)
            if text in self._messages.read():
                self._messages.seek(0, os.SEEK_END)
                return
            time.sleep(0.01)
        self._fail("does not listen")

    def _fail(self, how):
        self._messages.seek(0)
        lines = self._messages.read().splitlines()
        sys.exit("\n".join([f"the program {how}:", *lines[:10], *(["..."] if len(lines) > 30 else []), *lines[10:][-20:]]))
