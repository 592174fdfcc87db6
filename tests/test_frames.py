"""Frames come whole, in time and no larger than allowed, or not at all."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.wire import control, frames
from grader.wire.protocol import (
    BadMessage,
    Call,
    Load,
    Raised,
    Reply,
    Setup,
    pack,
    unpack_answer,
    unpack_request,
)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def soon(seconds=0.05):
    return time.monotonic() + seconds


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_frames_arrive_in_order_and_whole(payloads):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for payload in payloads:
            frames.send(ours, payload)
        assert [frames.receive(theirs, soon(5)) for _ in payloads] == payloads


def test_a_frame_larger_than_the_socket_buffer_arrives(pair):
    payload = bytes(range(256)) * 20_000
    sender = threading.Thread(target=frames.send, args=(pair[0], payload))
    sender.start()
    assert frames.receive(pair[1], soon(20)) == payload
    sender.join()


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 12])
def test_a_frame_cut_short_is_a_closed_connection(pair, cut):
    ours, theirs = pair
    ours.sendall((b"\0\0\0\x09" + b"x" * 9)[:cut])
    ours.close()
    with pytest.raises(frames.Closed):
        frames.receive(theirs, soon(5))


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 12])
def test_a_frame_that_does_not_come_in_time_is_given_up(pair, cut):
    pair[0].sendall((b"\0\0\0\x09" + b"x" * 9)[:cut])
    with pytest.raises(frames.TimedOut):
        frames.receive(pair[1], soon())


def test_dripping_bytes_do_not_put_the_deadline_off(pair):
    """Each byte comes in time, the frame does not."""
    ours, theirs = pair
    over = threading.Event()

    def drip():
        for byte in [b"\0", b"\0", b"\x10", b"\0"] + [b"x"] * 4000:
            if over.wait(0.01):
                return
            ours.sendall(byte)

    sender = threading.Thread(target=drip)
    sender.start()
    try:
        with pytest.raises(frames.TimedOut):
            frames.receive(theirs, soon(0.3))
    finally:
        over.set()
        sender.join()


def test_a_deadline_in_the_past_waits_for_nothing(pair):
    frames.send(pair[0], b"here already")
    with pytest.raises(frames.TimedOut):
        frames.receive(pair[1], soon(-1))


@pytest.mark.parametrize("size", [frames.LARGEST + 1, 2**32 - 1])
def test_an_oversized_frame_is_refused_by_its_first_bytes(pair, size):
    pair[0].sendall(size.to_bytes(4, "big"))
    with pytest.raises(frames.Malformed, match=str(size)):
        frames.receive(pair[1], soon(5))


def test_sending_to_nobody_is_a_closed_connection(pair):
    pair[1].close()
    with pytest.raises(frames.Closed):
        frames.send(pair[0], b"x")


MESSAGES = [
    Setup("", "numpy", "cpu", ["f"], ["torch.softmax"]),
    Load("x = 1", "a.py", 2**61),
    Call(7, "f", "meta", {"x": b"\0\xff"}, True),
    Reply(
        7, value=b"\xc0", changed=["x"], raised=Raised(["builtins.ValueError"], "no", ["line 1"])
    ),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was(message):
    unpack = unpack_answer if isinstance(message, Reply) else unpack_request
    assert unpack(pack(message)) == message


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xc0", b"\x80", b"\xff" * 9, b"\x91" * 99_999),
        *(pack(MESSAGES[0]), pack(MESSAGES[-1])[:-1]),
        pack(MESSAGES[-1]).replace(b"number\x07", b"number\xc3"),
        b"\x81\xa4type\xa2\xff\xfe",
        pack(Reply(7, raised=Raised([], "of no type", []))),
        pack(Reply(7, unsupported="x" * 9999)),
    ],
)
def test_what_is_no_answer_of_a_sandbox_is_refused(data):
    with pytest.raises(BadMessage):
        unpack_answer(data)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_answer_or_refused(data):
    try:
        unpack_answer(data)
    except BadMessage:
        return


def test_a_channel_hands_over_a_socket_and_a_file(pair, tmp_path: Path):
    near, far = socket.socketpair()
    with near, far, open(tmp_path / "output", "w+b") as output:
        control.send_channel(pair[0], control.Channel(far, output.fileno(), 4321))
        channel = control.receive_channel(pair[1], 5)
        assert channel.pid == 4321
        with channel.sock, open(channel.output, "wb") as copy:
            copy.write(b"printed")
            frames.send(channel.sock, b"hello")
        assert frames.receive(near, soon(5)) == b"hello"
        assert os.pread(output.fileno(), 99, 0) == b"printed"


def test_a_channel_that_is_not_handed_over_is_a_closed_connection(pair):
    pair[0].close()
    with pytest.raises(frames.Closed):
        control.receive_channel(pair[1], 5)
