"""What judge and supervisor say to each other: frames of JSON, and new sandboxes as descriptors."""

import json
import socket
from dataclasses import dataclass
from typing import Any

from grader.wire import frames


def send(sock: socket.socket, event: str, **fields: Any) -> None:
    frames.send(sock, json.dumps({"event": event, **fields}).encode())


def receive(sock: socket.socket, deadline: float | None = None) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(frames.receive(sock, deadline))
    return record


@dataclass(frozen=True, slots=True)
class Channel:
    """A sandbox as the judge sees it: the socket to it, and the file its prints go to."""

    sock: socket.socket
    output: int
    pid: int


def send_channel(sock: socket.socket, channel: Channel) -> None:
    sock.settimeout(None)
    number = str(channel.pid).encode()
    socket.send_fds(sock, [number], [channel.sock.fileno(), channel.output])


def receive_channel(sock: socket.socket, deadline_seconds: float) -> Channel:
    sock.settimeout(deadline_seconds)
    number, descriptors, _, _ = socket.recv_fds(sock, 20, 2)
    if len(descriptors) != 2:
        raise frames.Closed
    return Channel(socket.socket(fileno=descriptors[0]), descriptors[1], int(number))
