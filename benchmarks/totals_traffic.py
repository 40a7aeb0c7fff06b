"""What is compared: bytes and packets of hosts, conversations, IP protocols and ports; and what Spillway says of them."""

import collections
import ipaddress
import json
import os
import subprocess

here = os.path.dirname(os.path.realpath(__file__))
spillway = os.path.join(os.path.dirname(here), "spillway")

NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132}


class Totals:
    """By kind (host, conversation, protocol, port): key to [bytes, packets]; notes say of a key why others may count it differently."""

    def __init__(self):
        self.values = {kind: collections.defaultdict(lambda: [0, 0]) for kind in ("host", "conversation", "protocol", "port")}
        self.notes = collections.defaultdict(set)

    def add(self, kind, key, size, packets=1):
        value = self.values[kind][key]
        value[0] += size
        value[1] += packets

    def note(self, kind, key, notes):
        self.notes[(kind, key)] |= notes

    def of(self, kind, key):
        return tuple(self.values[kind][key]) if key in self.values[kind] else (0, 0)


def conversation(transport, host, port, other, other_port):
    """All flows between two ends; the order of the ends does not matter."""
    return transport, *sorted([(host, str(port)), (other, str(other_port))])


def rows_of(command):
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout.decode(errors="replace").splitlines(), done.stderr.decode(errors="replace")


def ask(out, *question):
    code, lines, _ = rows_of([spillway, *question, "--json", "-o", out])
    return [json.loads(line) for line in lines] if code == 0 else []


def of_spillway(capture, out):
    """What Spillway found, by its own commands; and the server's port of each conversation."""
    code, _, message = rows_of([spillway, "run", "-q", "-r", capture, "-o", out])
    if code not in (0, 1):   # 1 is a damaged capture: what came before counts
        raise RuntimeError(f"spillway ended with {code} on {capture}: {message.strip()}")
    totals = Totals()
    for group, version in (("Hosts", 4), ("HostsIPv6", 6)):
        for meter in (0, 3):
            for row in ask(out, "top", group, "--meter", str(meter)):
                address = ipaddress.ip_address(row["name"])
                if address.version == version:   # a question for a group without keys may be answered from its neighbour
                    totals.values["host"][str(address)][meter // 3] += round(row["value"])
    for meter in (0, 1):
        for row in ask(out, "top", "NetworkLayerStats", "--meter", str(meter)):
            totals.values["protocol"][int(row["key"], 16)][meter] += round(row["value"])
    for row in ask(out, "top", "Apps"):
        totals.add("port", int(row["key"][2:], 16), round(row["value"]), 0)
    servers = {}
    for row in ask(out, "flows"):
        transport = row["protocol"].lower()
        if transport not in NUMBERS:
            continue
        key = conversation(transport, row["client"], row["client_port"], row["server"], row["server_port"])
        totals.add("conversation", key, row["bytes_to_server"] + row["bytes_to_client"], row["packets_to_server"] + row["packets_to_client"])
        servers[key] = int(row["server_port"])
    return totals, servers
