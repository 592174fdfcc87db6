"""The messages between judge and sandbox, one struct each.  Values inside are bytes of wire.values."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

LONGEST_TEXT = 2000  # characters of anything that a sandbox says in words
LONGEST_LIST = 64

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Texts = Annotated[list[Text], Meta(max_length=LONGEST_LIST)]
Mode = Literal["plain", "meta", "cost"]


class Setup(msgspec.Struct, tag="setup"):
    """Get ready for a kata.  All that does not depend on the attempt, so that it can be done ahead."""

    probes: str  # the text of probes.py
    flavour: Literal["torch", "numpy"]
    device: str
    exports: list[str]
    forbidden: list[str]


class Ready(msgspec.Struct, tag="ready"):
    """The sandbox is set up; what goes wrong from here on is the attempt's doing."""


class Load(msgspec.Struct, tag="load"):
    """Load this attempt."""

    source: str
    filename: str
    token: int = 0  # comes back with `Loaded`: nobody but the sandbox's own code has seen it


class Call(msgspec.Struct, tag="call"):
    number: int  # drawn at random: a reply is believed by it
    probe: str
    mode: Mode
    arguments: dict[str, bytes]  # each encoded by itself
    fresh: bool  # execute the attempt's file anew first: a new case begins


class Raised(msgspec.Struct):
    """An exception that left the attempt, as text: the object itself never travels."""

    # of its method resolution order, as module.name
    types: Annotated[list[Text], Meta(min_length=1, max_length=LONGEST_LIST)]
    message: Text
    trace: Texts  # "line 12, in step: code", frames of the attempt's file only


class Cost(msgspec.Struct):
    operations: int
    flops: int
    lines: int
    peak_bytes: int
    largest_bytes: int


class Reply(msgspec.Struct, tag="reply"):
    """What one call came to.  Everything but `number` is a claim."""

    number: int
    value: bytes | None = None
    unsupported: Text = ""  # why the value could not be sent
    raised: Raised | None = None
    refused: Text = ""  # the forbidden call, with its line
    mixed: Text = ""  # how CPU and device were mixed
    changed: Texts = []  # arguments that are not what they were
    random: Texts = []  # global random states that moved
    cost: Cost | None = None


class Loaded(msgspec.Struct, tag="loaded"):
    raised: Raised | None = None
    refused: Text = ""
    missing: Texts = []  # exports that are not there, or not callable
    token: int = 0


ToSandbox = Setup | Load | Call
FromSandbox = Ready | Loaded | Reply


class BadMessage(Exception):
    """Bytes that are no message of the protocol."""


def pack(message: ToSandbox | FromSandbox) -> bytes:
    return msgspec.msgpack.encode(message)


def unpack_request(data: bytes) -> ToSandbox:
    message: ToSandbox = msgspec.msgpack.decode(data, type=ToSandbox)
    return message


def unpack_answer(data: bytes) -> FromSandbox:
    try:
        message: FromSandbox = msgspec.msgpack.decode(data, type=FromSandbox)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise BadMessage(str(problem)) from None
    return message
