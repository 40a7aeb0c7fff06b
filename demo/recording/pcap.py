"""Just enough of the pcap file format to take one frame out."""

import struct

FILE_HEADER, RECORD_HEADER = 24, 16


def _records(data):
    """Yields (start, end) of each record, its header included; tcpdump writes the byte order of this machine."""
    at = FILE_HEADER
    while at < len(data):
        end = at + RECORD_HEADER + struct.unpack_from("=I", data, at + 8)[0]
        yield at, end
        at = end


def read_frames(path):
    with open(path, "rb") as file:
        data = file.read()
    return [data[start + RECORD_HEADER:end] for start, end in _records(data)]


def remove_frame(path, index):
    """Rewrites the file without that frame, and returns the frame."""
    with open(path, "rb") as file:
        data = file.read()
    start, end = list(_records(data))[index]
    with open(path, "wb") as file:
        file.write(data[:start] + data[end:])
    return data[start + RECORD_HEADER:end]
