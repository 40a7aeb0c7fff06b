"""What the demo's web site serves: the same bytes at every recording (seeded), of many types and sizes."""

import random
import struct
import zlib

STATIONS = ("Weir", "Mill Bridge", "Old Lock", "Gravel Bank", "Upper Dam", "Harbour")


def readings(count, seed):
    """Rows of (minute, station, level in cm, flow in m3/s), a slow flood passing down the river."""
    source = random.Random(seed)
    level = 180.0
    for minute in range(count):
        level += source.uniform(-1.5, 2.0)
        yield minute, source.choice(STATIONS), round(level, 1), round(level * source.uniform(0.4, 0.5), 2)


def page(title, count, seed):
    rows = "\n".join(f"    <tr><td>{m}</td><td>{s}</td><td>{l}</td><td>{f}</td></tr>" for m, s, l, f in readings(count, seed))
    return (f'<!doctype html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <title>{title}</title>\n'
            '  <link rel="stylesheet" href="/style.css">\n  <script src="/app.js" defer></script>\n</head>\n<body>\n'
            f'  <h1>{title}</h1>\n  <img src="/map.png" alt="map of the river">\n  <table>\n'
            f"    <tr><th>minute</th><th>station</th><th>cm</th><th>m3/s</th></tr>\n{rows}\n  </table>\n</body>\n</html>\n").encode()


def table(count, seed):
    return ("minute,station,cm,m3s\n" + "".join(f"{m},{s},{l},{f}\n" for m, s, l, f in readings(count, seed))).encode()


def document(count, seed):
    rows = ",\n".join(f'  {{"minute": {m}, "station": "{s}", "cm": {l}, "m3s": {f}}}' for m, s, l, f in readings(count, seed))
    return f"[\n{rows}\n]\n".encode()


def style():
    return "".join(f".level-{n} {{ color: rgb({n * 2}, {90 + n}, {255 - n * 2}); width: {n}%; }}\n" for n in range(100)).encode()


def program():
    return "".join(f"export function station{n}(level) {{ return level * {n} / 100; }}\n" for n in range(120)).encode()


def picture(width, height, seed):
    """A PNG: hills of noise, so that it does not compress to nothing."""
    source = random.Random(seed)
    rows = b"".join(b"\0" + bytes((x * y // 40 + source.randrange(32)) & 0xFF for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def pixel():
    return bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


def handbook(size, seed):
    """The shape of a PDF around one incompressible stream."""
    head = b"%%PDF-1.4\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Length %d >>\nstream\n" % size
    return head + random.Random(seed).randbytes(size) + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def noise(size, seed):
    return random.Random(seed).randbytes(size)
