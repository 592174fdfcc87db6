"""Length-prefixed frames over a socket.  Every read has a deadline and a largest size."""

import socket
import struct
import time

LARGEST = 64 * 1024 * 1024
_HEADER = struct.Struct("!I")


class Closed(Exception):
    """The other side went away, at a frame's end or in its middle."""


class TimedOut(Exception):
    """The deadline passed before a whole frame had come."""


class Malformed(Exception):
    """What came is not a frame of the protocol."""


def send(sock: socket.socket, payload: bytes, deadline: float | None = None) -> None:
    """One frame.  `deadline` is for a reader that may not read."""
    sock.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
    try:
        sock.sendall(_HEADER.pack(len(payload)) + payload)
    except TimeoutError:
        raise TimedOut from None
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def receive(sock: socket.socket, deadline: float | None = None, *, largest: int = LARGEST) -> bytes:
    """One frame.  `deadline` is a time of time.monotonic()."""
    (length,) = _HEADER.unpack(_exactly(sock, _HEADER.size, deadline))
    if length > largest:
        raise Malformed(f"a frame of {length} bytes")
    return bytes(_exactly(sock, length, deadline))


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> bytearray:
    buffer = bytearray(length)
    view = memoryview(buffer)
    done = 0
    while done < length:
        done += _some(sock, view[done:], deadline)
    return buffer


def _some(sock: socket.socket, view: memoryview, deadline: float | None) -> int:
    remaining = None if deadline is None else deadline - time.monotonic()
    if remaining is not None and remaining <= 0:
        raise TimedOut
    sock.settimeout(remaining)
    try:
        count = sock.recv_into(view)
    except TimeoutError:
        raise TimedOut from None
    except ConnectionResetError:
        raise Closed from None
    if count == 0:
        raise Closed
    return count
