"""What the flows of nDPI's ndpiReader add up to."""

import ipaddress
import re

from totals_traffic import Totals, conversation, rows_of

PROTOCOLS = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMPV6": 58, "IGMP": 2, "GRE": 47, "VRRP": 112, "PGM": 113, "PIM": 103}
NAMES = {6: "tcp", 17: "udp", 132: "sctp"}
FLOW = re.compile(r"^\s*\d+\s+(\S+) (\S+?):(\d+) (?:<->|->) (\S+?):(\d+) .*?\[(\d+) pkts/(\d+) bytes (?:<->|->) (\d+) pkts/(\d+) bytes\]")


def address(text):
    text = text.strip("[]")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text   # it shortens some IPv6 addresses twice


def of_ndpi(capture):
    """The totals, or None and why if it cannot read the file. Conversations are those of TCP and UDP: it reads no ports of others."""
    code, lines, message = rows_of(["ndpiReader", "-t", "-I", "-v", "2", "-i", capture])
    if code != 0:
        return None, " ".join(message.strip().splitlines()[-1:] or [f"exit code {code}"])
    totals = Totals()
    for match in filter(None, map(FLOW.match, lines)):
        name, host, port, other, other_port = match.groups()[:5]
        packets, size, packets_back, size_back = (int(number) for number in match.groups()[5:])
        ends = [address(host), address(other)]
        protocol = PROTOCOLS.get(name) or int(name)
        for end in ends:
            totals.add("host", end, size + size_back, packets + packets_back)
        totals.add("protocol", protocol, size + size_back, packets + packets_back)
        if protocol in (6, 17):
            totals.add("conversation", conversation(NAMES[protocol], ends[0], port, ends[1], other_port), size + size_back, packets + packets_back)
    return totals, ""
