"""A web site on a tmpfs, the same at every recording (seeded): mostly small files, some of medium size, a few large."""

import hashlib
import math
import os
import random

WORDS = [word.strip() for word in """
    river level flood gate station measure weir bridge harbour stream depth current basin channel reservoir turbine
    the of and to in is that for it as was with on by be this are from or an at which not have has had but his her
""".split()]

# kind, share of the files of a class, whether gzip helps
SMALL = (("html", 25), ("json", 20), ("css", 5), ("js", 5), ("png", 30), ("jpg", 15))
MEDIUM = (("html", 10), ("json", 10), ("jpg", 60), ("pdf", 20))
LARGE = (("zip", 60), ("mp4", 40))

# name, files, bytes from, to, kinds, how often each file is fetched
CLASSES = (("s", 2400, 1_000, 50_000, SMALL, 13), ("m", 160, 100_000, 1_000_000, MEDIUM, 3), ("l", 10, 5_000_000, 20_000_000, LARGE, 1))


def text(source, size):
    """Words and numbers: about as compressible as pages are."""
    parts, length = [], 0
    while length < size:
        line = " ".join(source.choices(WORDS, k=12)) + f" {source.random():.6f}\n"
        parts.append(line)
        length += len(line)
    return "".join(parts).encode()[:size]


def build(directory):
    """Writes the files; returns the requests to make, in order: (path, size, sha1) each."""
    source, requests = random.Random(20), []
    for name, count, least, most, kinds, fetches in CLASSES:
        os.makedirs(os.path.join(directory, name))
        for number in range(count):
            kind = source.choices([k for k, _ in kinds], [share for _, share in kinds])[0]
            size = int(math.exp(source.uniform(math.log(least), math.log(most))))
            body = text(source, size) if kind in ("html", "json", "css", "js") else source.randbytes(size)
            path = f"/{name}/{number}.{kind}"
            with open(directory + path, "wb") as file:
                file.write(body)
            requests += [(path, size, hashlib.sha1(body).hexdigest())] * fetches
    source.shuffle(requests)
    return requests
