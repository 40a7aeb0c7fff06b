"""Fetches a list of paths over many kept-alive connections: client.py ADDRESS THREADS SEED < paths"""

import http.client
import random
import sys
import threading


def fetch(address, paths, source):
    """Connections of 1 to 200 requests, two of three by a client that takes gzip."""
    while paths:
        connection = http.client.HTTPConnection(address, 80)
        headers = {"Host": f"www{source.randrange(20)}.example.com", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Reader/1.0",
                   "Accept": "*/*"}
        headers["Accept-Encoding"] = source.choice(("gzip", "gzip", "identity"))
        for _ in range(int(200 ** source.random())):
            try:
                path = paths.pop()
            except IndexError:
                break
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise SystemExit(f"{path}: {response.status}")
        connection.close()


if __name__ == "__main__":
    paths = sys.stdin.read().split()
    address, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    failed = []
    threading.excepthook = lambda arguments: failed.append(arguments.exc_value)
    threads = [threading.Thread(target=fetch, args=(address, paths, random.Random(seed * 100 + number))) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(str(failed[0]) if failed else 0)
