"""Two network namespaces with a cable between them, and tcpdump on the cable.

Loopback would show segments of 64 KB and no link layer. Here the frames are Ethernet with an MTU of 1500, and the
offloads that make packets larger than the wire (and leave checksums unfinished) are off.
Needs root, iproute2, ethtool and tcpdump.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

SERVER_ADDRESS, CLIENT_ADDRESS = "192.0.2.80", "192.0.2.10"
SERVER_ADDRESS_6, CLIENT_ADDRESS_6 = "2001:db8::80", "2001:db8::10"


class CaptureNetwork:
    """A context manager: the namespaces and all that runs in them are gone when it ends."""

    def __init__(self):
        self.server = f"spillway-server-{os.getpid()}"
        self.client = f"spillway-client-{os.getpid()}"
        self._children = []

    def __enter__(self):
        missing = [tool for tool in ("ip", "ethtool", "tcpdump") if not shutil.which(tool)]
        if missing or os.geteuid() != 0:
            sys.exit("recording needs root and: apt-get install iproute2 ethtool tcpdump"
                     + (f" (missing: {', '.join(missing)})" if missing else ""))
        try:
            for namespace in (self.server, self.client):
                run("ip", "netns", "add", namespace)
                run("ip", "-n", namespace, "link", "set", "lo", "up")
            run("ip", "-n", self.server, "link", "add", "name", "wire", "type", "veth", "peer", "name", "wire",
                "netns", self.client)
            self._configure(self.server, SERVER_ADDRESS, SERVER_ADDRESS_6)
            self._configure(self.client, CLIENT_ADDRESS, CLIENT_ADDRESS_6)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        for child in self._children:
            child.wait()
        for namespace in (self.server, self.client):
            subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)

    def _configure(self, namespace, address, address_6):
        run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", "wire")
        run("ip", "-n", namespace, "address", "add", f"{address_6}/64", "dev", "wire", "nodad")
        run("ip", "netns", "exec", namespace, "ethtool", "-K", "wire", "tx", "off", "tso", "off", "gso", "off", "gro", "off")
        run("ip", "-n", namespace, "link", "set", "wire", "mtu", "1500", "up")

    def start(self, namespace, *command, **options):
        """Starts a command inside a namespace; it is stopped at the end if it has not ended by then."""
        child = subprocess.Popen(["ip", "netns", "exec", namespace, *command], **options)
        self._children.append(child)
        return child

    def record(self, path, expression="tcp"):
        """Starts tcpdump on the server's side and returns once it listens; pass the result to stop()."""
        tcpdump = self.start(self.server, "tcpdump", "-i", "wire", "-s", "0", "-B", "65536", "-Z", "root", "-w", path, expression,
                             stderr=subprocess.PIPE, text=True)
        for line in tcpdump.stderr:
            if "listening on" in line:
                return tcpdump
        sys.exit("tcpdump did not start")

    @staticmethod
    def stop(tcpdump):
        """Ends a recording; returns the number of packets the kernel had to drop (0 for a good capture)."""
        time.sleep(2)  # libpcap hands over a block of packets when it is full, or after a second
        tcpdump.send_signal(signal.SIGINT)
        report = tcpdump.communicate()[1]
        return int(re.search(r"(\d+) packets dropped by kernel", report).group(1))


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
