"""Captures of traffic that is meant to hurt a probe. Used by benchmarks/attack.

Each function yields Ethernet frames. Checksums are right where the probe would leave a packet out otherwise: the kernel's offloads leave them
empty on a real sender's own machine, which the probe notices by the sender's address, but these have too many senders.
"""

import gzip
import random
import struct

SERVER = 0xC6336401          # 198.51.100.1
SYN, ACK, PSH, FIN = 2, 16, 8, 1


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def ip(source, target, protocol, payload, number=0, fragment=0x4000):
    head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(payload), number, fragment, 64, protocol, 0, source, target)
    return bytes(12) + b"\x08\x00" + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp(source, port, target, target_port, sequence, acknowledged, flags, payload=b""):
    segment = struct.pack("!HHIIBBHHH", port, target_port, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, flags, 64240, 0, 0) + payload
    pseudo = struct.pack("!IIBBH", source, target, 0, 6, len(segment))
    return ip(source, target, 6, segment[:16] + struct.pack("!H", checksum(pseudo + segment)) + segment[18:])


def client(number):
    """An address and a port for each number."""
    return 0x0A000000 + number // 50_000 * 7919 + number % 7919, 1024 + number % 50_000


def handshake(number):
    source, port = client(number)
    yield tcp(source, port, SERVER, 80, 0, 0, SYN)
    yield tcp(SERVER, 80, source, port, 0, 1, SYN | ACK)
    yield tcp(source, port, SERVER, 80, 1, 1, ACK)


def syn_flood(count=65_000):
    """SYNs of as many senders to as many ports."""
    rng = random.Random(1)
    for _ in range(count):
        yield tcp(0x0B000000 + rng.randrange(1 << 24), rng.randrange(32768, 65536), SERVER, rng.randrange(1, 1024), rng.randrange(1 << 32), 0, SYN)


def bytes_in_turn(connections=65_000, each=12):
    """Connections that are all open, with requests that come a byte a segment, a byte of each connection in turn."""
    request = b"GET /%d HTTP/1.1\r\n"
    for number in range(connections):
        yield from handshake(number)
    for at in range(each):
        for number in range(connections):
            source, port = client(number)
            text = request % number
            yield tcp(source, port, SERVER, 80, 1 + at, 1, ACK | PSH, text[at:at + 1])


def fragments(count=60_000):
    """Fragments of datagrams that are never whole, some over one another."""
    rng = random.Random(2)
    payload = rng.randbytes(1480)
    for number in range(count // 3):
        source = 0x0B000000 + rng.randrange(1 << 20)
        for offset, size in ((0, 1480), (185 + rng.randrange(4), 1000), (8000 // 8, 8)):
            yield ip(source, SERVER, 17, payload[:size], number & 0xFFFF, 0x2000 | offset)


def slow_requests(connections=20_000, lines=24):
    """Requests that never end: a header field of each in turn."""
    for number in range(connections):
        yield from handshake(number)
    at = [1] * connections
    for line in range(lines):
        for number in range(connections):
            source, port = client(number)
            text = b"GET / HTTP/1.1\r\nHost: slow.example\r\n" if line == 0 else b"X-Field-%d: %s\r\n" % (line, b"a" * 40)
            yield tcp(source, port, SERVER, 80, at[number], 1, ACK | PSH, text)
            at[number] += len(text)


def gzip_bombs(connections=200, megabytes=64):
    """Responses of some 64 KiB that are 64 MiB when they are decoded."""
    body = gzip.compress(bytes(megabytes << 20), 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    for number in range(connections):
        source, port = client(number)
        yield from handshake(number)
        request = b"GET /bomb%d HTTP/1.1\r\nHost: bombs.example\r\n\r\n" % number
        yield tcp(source, port, SERVER, 80, 1, 1, ACK | PSH, request)
        response, asked = head + body, 1 + len(request)
        for at in range(0, len(response), 1400):
            yield tcp(SERVER, 80, source, port, 1 + at, asked, ACK, response[at:at + 1400])
        yield tcp(source, port, SERVER, 80, asked, 1 + len(response), ACK | FIN)
        yield tcp(SERVER, 80, source, port, 1 + len(response), asked + 1, ACK | FIN)


def write(path, frames):
    """A capture file of frames; how many there were."""
    count = 0
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            seconds, part = divmod(count * 10, 1_000_000)
            out.write(struct.pack("<IIII", 1_700_000_000 + seconds, part, len(frame), len(frame)) + frame)
            count += 1
    return count
