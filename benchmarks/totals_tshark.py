"""What tshark's fields add up to."""

from totals_traffic import NUMBERS, Totals, conversation, rows_of

FIELDS = ["frame.len", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.proto", "ipv6.nxt",
          "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport",
          "ip.frag_offset", "ip.flags.mf", "ipv6.fraghdr.offset", "_ws.malformed", "ipv6.routing", "frame.cap_len"]
PORTS = {"tcp": 8, "udp": 10, "sctp": 12}
EXTENSIONS = {0, 43, 44, 50, 51, 60, 135}


class Level:
    """An IP packet in a frame: its two ends, its protocol, and the ports in it."""

    def __init__(self, ends, protocol):
        self.ends, self.protocol, self.ports, self.transport = ends, protocol, None, None

    def keys(self):
        yield from {("host", end) for end in self.ends}
        if self.protocol is not None:
            yield "protocol", self.protocol
        if self.ports:
            yield "conversation", conversation(self.transport, self.ends[0], self.ports[0], self.ends[1], self.ports[1])


def of_tshark(capture):
    """The totals, or None and why if it cannot read the file. Notes also say which keys are those of tunnels, outer or inner."""
    command = ["tshark", "-n", "-r", capture, "-T", "fields", "-E", "occurrence=a", "-E", "separator=/t", "-E", "aggregator=,"]
    for field in FIELDS:
        command += ["-e", field]
    code, lines, message = rows_of(command)
    if code != 0 and not lines:
        return None, " ".join(message.strip().splitlines()[-1:] or [f"exit code {code}"])
    totals = Totals()
    for line in lines:
        add(totals, [column.split(",") if column else [] for column in (line + "\t" * len(FIELDS)).split("\t")])
    return totals, ""


def levels_of(row):
    """Walks a frame's layers as tshark names them, and stops at what an ICMP error quotes."""
    taken = dict.fromkeys(("ip", "ipv6", *PORTS), 0)
    levels = []
    for layer in row[1][0].split(":"):
        at = taken.get(layer, 0)
        taken[layer] = at + 1
        if layer in ("ip", "ipv6"):
            first = 2 if layer == "ip" else 4
            if at >= len(row[first + 1]):
                continue   # the header is cut
            numbers = row[6] if layer == "ip" else row[7]
            protocol = int(numbers[at], 0) if at < len(numbers) else None
            # Of a header of extensions, what follows says the protocol.
            levels.append(Level((row[first][at], row[first + 1][at]), None if layer == "ipv6" and protocol in EXTENSIONS else protocol))
        elif layer in PORTS and levels:
            first = PORTS[layer]
            if at < len(row[first]):
                last = levels[-1]
                last.ports, last.transport, last.protocol = (row[first][at], row[first + 1][at]), layer, NUMBERS[layer]
        elif layer in ("icmp", "icmpv6") and levels:
            levels[-1].protocol = 1 if layer == "icmp" else 58
            break
    return levels


def add(totals, row):
    """Adds a frame to the keys of its innermost IP packet."""
    size = int(row[0][0])
    levels = levels_of(row)
    if not levels:
        return
    notes = set()
    if row[15] and "1" in row[15] or any(offset != "0" for offset in row[14]) or row[16]:
        notes.add("fragments")
    if int(row[19][0]) < size:
        notes.add("cut by the snap length")
    if row[17]:
        notes.add("malformed")
    inner = levels[-1]
    for end in inner.ends:
        totals.add("host", end, size)   # twice if a host talks to itself, as in tshark's endpoints
    for kind, key in inner.keys():
        if kind != "host":
            totals.add(kind, key, size)
        totals.note(kind, key, notes)
    for level in levels if len(levels) > 1 else ():
        for kind, key in level.keys():
            totals.note(kind, key, {"tunnel"})
