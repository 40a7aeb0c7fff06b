"""The demo's visitor: browses, pipelines, downloads, uploads, and comes back over IPv6."""

import http.client
import socket
import sys

import content

AGENT = "RiverReader/2.1"


def headers(host, **more):
    return {"Host": host, "User-Agent": AGENT, "Accept-Encoding": "gzip, deflate, br",
            **{name.replace("_", "-"): value for name, value in more.items()}}


def get(connection, path, host="www.river.example", method="GET", **more):
    connection.request(method, path, headers=headers(host, **more))
    response = connection.getresponse()
    response.read()
    return response


def browse(address):
    """One kept-alive connection, one request after the other."""
    connection = http.client.HTTPConnection(address, 80)
    get(connection, "/start")
    etag = get(connection, "/").headers["ETag"]
    for path in ("/style.css", "/app.js", "/map.png", "/levels.json"):
        get(connection, path)
    get(connection, "/favicon.ico")
    get(connection, "/map.png", If_None_Match=etag)
    get(connection, "/downloads/handbook.pdf", "files.river.example", "HEAD")
    get(connection, "/session", method="DELETE")
    connection.close()


def pipeline(address):
    """Five requests in one segment, before the first answer."""
    paths = ("/stations.json", "/pixel.gif?visit=1", "/report.html", "/levels.csv", "/pixel.gif?visit=2")
    requests = [f"GET {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers("www.river.example").items()) + "\r\n"
                for path in paths]
    requests[-1] = requests[-1][:-2] + "Connection: close\r\n\r\n"
    with socket.create_connection((address, 80)) as connection:
        connection.sendall("".join(requests).encode())
        drain(connection)


def download(address, *paths):
    connection = http.client.HTTPConnection(address, 80)
    for path in paths:
        get(connection, path, "files.river.example")
    connection.close()


def upload(address):
    """A body with a length, then one in chunks."""
    connection = http.client.HTTPConnection(address, 80)
    connection.request("POST", "/upload/photo", content.picture(150, 120, 20),
                       headers("www.river.example", Content_Type="image/png"))
    connection.getresponse().read()
    table = content.table(150, 21)
    pieces = (table[at:at + 700] for at in range(0, len(table), 700))
    connection.request("POST", "/upload/readings", pieces,
                       headers("www.river.example", Content_Type="text/csv", Transfer_Encoding="chunked"), encode_chunked=True)
    connection.getresponse().read()
    connection.close()


def until_close(address):
    """HTTP/1.0: the body ends where the connection ends."""
    with socket.create_connection((address, 80)) as connection:
        connection.sendall(b"GET /old-report.html HTTP/1.0\r\nHost: www.river.example\r\nUser-Agent: OldReader/0.9\r\n\r\n")
        drain(connection)


def parts(address):
    connection = http.client.HTTPConnection(address, 80)
    get(connection, "/stations.json")
    get(connection, "/downloads/handbook.pdf", "files.river.example", Range="bytes=1000-5999")
    connection.close()


def drain(connection):
    while connection.recv(65536):
        pass


if __name__ == "__main__":
    address, address_6 = sys.argv[1:]
    browse(address)
    pipeline(address)
    download(address, "/downloads/handbook.pdf")
    upload(address)
    download(address, "/downloads/survey.dat", "/downloads/notes.txt")
    until_close(address)
    parts(address_6)
