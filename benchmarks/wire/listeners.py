"""Programs that listen at a wire, each with what it reports of its losses. Used by benchmarks/live."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from wire import Probe

BUFFER_MIB = 128   # the kernel's buffer: the probe's default, given to those who can be told
MEMORY = "/dev/shm"
HOLD = 1.2         # seconds until libpcap hands over what is not a full block, with the time-out of the peers; what is held at the end is lost


class Heard:
    """What a program made of a replay: packets it took, packets lost, how late it was done, its processor time."""

    def __init__(self, packets, lost, late, processor, notes=""):
        self.packets, self.lost, self.late, self.processor, self.notes = packets, lost, late, processor, notes


class Listener:
    """One program. listen() starts it and returns a function that stops it and says what it heard."""

    def __init__(self, name, tool):
        self.name, self.tool = name, tool
        self.ends_in = 0


class SpillwayListener(Listener):
    """The probe with scripts, and its defaults but for what is given."""

    def __init__(self, program, scripts, *options):
        super().__init__("spillway", program)
        self.options = [*(word for script in scripts for word in ("-s", script)), "--drain-timeout", "0", *options]

    def listen(self, wire):
        directory = tempfile.mkdtemp(prefix="live-", dir=MEMORY)
        probe = Probe(wire, self.tool, directory, *self.options)

        def stop(sent):
            summary = probe.stop()
            shutil.rmtree(directory)
            account, asked = summary["capture"], summary["scripts"][-1]["async"]
            missed = sent["packets"] - account["received"]
            return Heard(account["processed"], account["lost"] + max(missed, 0), summary["late"], summary["run"]["processor_seconds"],
                         f"{summary['file_count']:,} files, {summary['files_refused']:,} refused, "
                         f"{asked['completed']:,} of {asked['submitted']:,} tasks done, {asked['dropped']:,} dropped")
        return stop


class TextListener(Listener):
    """A program that prints its account when it is interrupted."""

    def __init__(self, name, command, ready, packets, lost):
        super().__init__(name, command[0])
        self.command, self.ready, self.packets, self.lost = command, ready, packets, lost

    def listen(self, wire):
        directory = tempfile.mkdtemp(prefix="live-", dir=MEMORY)
        log = open(os.path.join(directory, "log"), "w+", encoding="utf-8", errors="replace")
        command = [word.replace("OUT", os.path.join(directory, "out")) for word in self.command]
        child = wire.start(command, stdout=log, stderr=log, env={**os.environ, "TMPDIR": directory})
        self._wait(child, log)

        def stop(sent):
            time.sleep(HOLD)
            stopped_at = time.monotonic()
            child.send_signal(signal.SIGINT)
            usage = self._reap(child, 4 * sent["seconds"] + 10)
            late = time.monotonic() - stopped_at
            log.seek(0)
            text = log.read()
            log.close()
            heard = self.account(text, sent, os.path.join(directory, "out"))
            shutil.rmtree(directory)
            return Heard(heard[0], heard[1], late, usage)
        return stop

    def account(self, text, sent, out):
        """Packets taken and lost, from what it printed."""
        taken, lost = re.search(self.packets, text), re.search(self.lost, text)
        packets = int(taken.group(1)) if taken else 0
        return packets, max(int(lost.group(1)) if lost else 0, sent["packets"] - packets)

    def _wait(self, child, log):
        while child.poll() is None:
            log.seek(0)
            if self.ready in log.read():
                log.seek(0, os.SEEK_END)
                time.sleep(0.5)   # what is said is said before the socket is open
                return
            time.sleep(0.02)
        log.seek(0)
        sys.exit(f"{self.name} does not listen: {log.read()[-1000:]}")

    @staticmethod
    def _reap(child, patience):
        """Processor time of it and of its children. One that takes too long is killed: it was not done in time."""
        ends = time.monotonic() + patience
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                return usage.ru_utime + usage.ru_stime
            if time.monotonic() > ends:
                child.kill()
                ends = float("inf")
            time.sleep(0.01)


class TcpflowListener(TextListener):
    """tcpflow says nothing of losses: the bytes that it stored are compared with those it stores of a capture file."""

    def __init__(self, capture):
        super().__init__("tcpflow", ["tcpflow", "-i", "v0", "-o", "OUT"], "listening on", "", "")
        with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
            subprocess.run(["tcpflow", "-r", capture, "-o", directory], check=True, capture_output=True)
            self.each = self._stored(directory)

    def account(self, text, sent, out):
        whole = sent["bytes_per_round"] and self.each * sent["bytes"] / sent["bytes_per_round"]
        stored = self._stored(out)
        # The last rounds are cut off in the middle.
        slack = self.each * sent["at_once"]
        short = max(0, whole - slack - stored) / whole
        return int(sent["packets"] * (1 - short)), int(sent["packets"] * short)

    @staticmethod
    def _stored(directory):
        return sum(entry.stat().st_size for entry in os.scandir(directory) if entry.name != "report.xml")


def peers(capture):
    """The programs that are compared, without those that are not installed, and the missing ones' names."""
    buffer = str(BUFFER_MIB)
    dumped, dropped = r"(\d+) packets? captured", r"(\d+) packets? dropped"
    found = [
        TextListener("tcpdump", ["tcpdump", "-i", "v0", "-B", str(BUFFER_MIB * 1024), "-w", "/dev/null"], "listening on", dumped, dropped),
        TextListener("tshark", ["tshark", "-i", "v0", "-B", buffer, "-q"], "Capturing on", dumped, dropped),
        TextListener("tshark, dissecting", ["tshark", "-i", "v0", "-B", buffer, "-q", "-z", "io,phs"], "Capturing on", dumped, dropped),
    ]
    if shutil.which("tcpflow"):
        found.append(TcpflowListener(capture))
    return [each for each in found if shutil.which(each.tool)], [tool for tool in ("tcpdump", "tshark", "tcpflow") if not shutil.which(tool)]
