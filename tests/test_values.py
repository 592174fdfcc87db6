"""Values survive the wire bit by bit, and bytes that nobody should trust are refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext
from msgspec.msgpack import encode as pack

from grader.wire import values
from grader.wire.values import DTYPES, Decoder, Unsupported

SHAPES = st.lists(st.integers(0, 4), max_size=4)

LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.transpose(0, -1) if t.dim() else t,
    "every second": lambda t: t[::2] if t.dim() else t,
    "last columns": lambda t: t[..., 1:] if t.dim() else t,
    "expanded": lambda t: t.unsqueeze(0).expand(3, *t.shape),
    "overlapping windows": lambda t: t.flatten().as_strided((2, 2), (1, 1)) if t.numel() > 2 else t,
}


@st.composite
def tensors(draw):
    dtype, shape = draw(st.sampled_from(sorted(DTYPES))), draw(SHAPES)
    size = math.prod(shape) * DTYPES[dtype].itemsize
    raw = bytearray(draw(st.binary(min_size=size, max_size=size)))
    if dtype == "bool":
        raw = bytearray(byte & 1 for byte in raw)
    flat = (
        torch.frombuffer(raw, dtype=DTYPES[dtype]) if size else torch.empty(0, dtype=DTYPES[dtype])
    )
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](flat.reshape(shape))


def bits(tensor):
    """A NaN is no equal of itself, its bits are."""
    dense = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor).reshape(-1)
    return dense.view(torch.uint8).numpy().tobytes() if dense.numel() else b""


@given(tensors())
def test_a_tensor_comes_back_bit_by_bit(tensor):
    back = values.decode(values.encode(tensor))
    assert (back.dtype, back.shape, bits(back)) == (tensor.dtype, tensor.shape, bits(tensor))


@pytest.mark.parametrize("layout", ["transposed", "every second", "last columns"])
def test_an_input_keeps_its_layout(layout):
    """A probe that is sent a view gets one: `.view()` on it fails here as it does there."""
    sent = LAYOUTS[layout](torch.arange(24.0).reshape(4, 6))
    for kind in ("torch", "numpy"):
        back = values.decode(values.encode(sent), kind)
        strides = back.stride() if kind == "torch" else tuple(s // 4 for s in back.strides)
        assert strides == sent.stride()


@pytest.mark.parametrize("layout", ["transposed", "every second", "last columns"])
def test_what_an_attempt_sends_is_laid_out_anew(layout):
    sent = LAYOUTS[layout](torch.arange(24.0).reshape(4, 6))
    back = Decoder().decode(values.encode(sent))
    assert back.is_contiguous()
    assert torch.equal(back, sent)


@given(tensors().filter(lambda t: t.dtype is not torch.bfloat16))
def test_numpy_and_torch_write_the_same_bytes(tensor):
    assert values.encode(tensor) == values.encode(tensor.numpy())
    back = values.decode(values.encode(tensor), "numpy")
    assert isinstance(back, np.ndarray)
    assert bits(torch.from_numpy(back)) == bits(tensor)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**4000), 2**4000),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text() | st.integers(-(2**63), 2**63 - 1), inner, max_size=4),
    ),
    max_leaves=12,
)


def same(one, other):
    """Equal, and of the same types all the way down: True is not 1, a tuple is no list."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(NESTED)
def test_plain_values_come_back_with_their_types(value):
    assert same(values.decode(values.encode(value)), value)


def test_nan_and_the_infinities_come_back():
    back = values.decode(values.encode([math.nan, math.inf, -math.inf, -0.0]))
    assert [str(item) for item in back] == ["nan", "inf", "-inf", "-0.0"]


def test_a_tensor_says_where_it_lives():
    decoder = Decoder()
    decoder.decode(values.encode([torch.ones(2)], device_of=lambda _: "cuda:7"))
    assert decoder.devices == ["cuda:7"]


class Subclass(torch.Tensor):
    pass


def contains_itself():
    value = []
    value.append(value)
    return value


def doubled(times):
    """A small value whose written form has 2 ** times texts."""
    value = "x" * 10_000
    for _ in range(times):
        value = [value, value]
    return value


REFUSED = {
    "contains itself": (contains_itself, "deep"),
    "doubles itself": (lambda: doubled(31), "MiB"),
    "tuples in tuples": (lambda: nest(40), "deep"),
    "huge tensor": (lambda: torch.zeros(9 * 2**20), "MiB"),
    "huge in sum": (lambda: [torch.zeros(3 * 2**20)] * 3, "MiB"),
    "huge text": (lambda: "x" * (9 * 2**20), "MiB"),
    "huge number": (lambda: 1 << 5000, "4096 bits"),
    "tensor subclass": (lambda: torch.ones(2).as_subclass(Subclass), "tensor subclass, Subclass"),
    "masked array": (lambda: np.ma.masked_array([1.0]), "array subclass, MaskedArray"),
    "sparse tensor": (lambda: torch.eye(3).to_sparse(), "torch.sparse_coo"),
    "objects": (lambda: np.array([object()]), "dtype object"),
    "set": (lambda: {1, 2}, "type set"),
    "module": (lambda: torch.nn.Linear(1, 1), "type Linear"),
    "dict key": (lambda: {(1, 2): 3}, "key of type tuple"),
    "huge key": (lambda: {2**70: 3}, "dict key"),
    "half a character": (lambda: "\ud800", "a text"),
}


def nest(depth):
    value = ()
    for _ in range(depth):
        value = (value,)
    return value


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_probe_may_return_is_refused_in_words(name):
    make, words = REFUSED[name]
    with pytest.raises(Unsupported, match=words):
        values.encode(make())


def header(dtype="float32", shape=(2,), strides=None, buffer=b"\0" * 8, device="cpu"):
    return pack(Ext(1, pack([dtype, list(shape), device, strides, buffer])))


FORGED = {
    "no such dtype": header("float33"),
    "a dtype of Python": header("object"),
    "a negative size": header(shape=(-1, -2)),
    "a buffer too short": header(shape=(3,)),
    "a buffer too long": header(shape=(1,)),
    "more than there is memory": header(shape=(2**62, 4)),
    "a size beyond 64 bits": header(shape=(2**64 - 1,)),
    "no bytes, endless strides": header(shape=(0, 2**62, 2**62), buffer=b""),
    "too many dimensions": header(shape=(1,) * 17, buffer=b"\0" * 4),
    "a shape that is text": pack(Ext(1, pack(["float32", "2", "cpu", None, b"\0" * 8]))),
    "fields left out": pack(Ext(1, pack(["float32", [2]]))),
    "no header at all": pack(Ext(1, b"")),
    "an extension of nobody": pack(Ext(99, b"\0")),
    "a number of letters": pack(Ext(3, b"0xzz")),
    "a tuple that is a number": pack(Ext(2, pack(3))),
    "two values": pack(1) + pack(2),
    "nothing": b"",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_value_is_refused(name):
    with pytest.raises(Unsupported, match="bytes that are no value"):
        Decoder().decode(FORGED[name])


@pytest.mark.parametrize("opening", [b"\x91", b"\x81\x01"], ids=["lists", "dicts"])
def test_bytes_that_nest_too_deep_are_refused(opening):
    with pytest.raises(Unsupported):
        Decoder().decode(opening * 100_000 + b"\xc0")


def test_tuples_that_nest_too_deep_are_refused():
    value = pack([])
    for _ in range(3000):
        value = pack([Ext(2, value)])
    with pytest.raises(Unsupported):
        Decoder().decode(pack(Ext(2, value)))


@given(NESTED, st.data())
def test_a_value_cut_short_is_refused(value, data):
    whole = values.encode(value)
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Unsupported):
        Decoder().decode(whole[:end])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(data):
    try:
        Decoder().decode(data)
    except Unsupported:
        return


@given(tensors(), st.integers(0, 200), st.integers(0, 255))
def test_one_changed_byte_gives_a_value_or_is_refused(tensor, place, byte):
    data = bytearray(values.encode([tensor, 1, "x"]))
    data[place % len(data)] = byte
    try:
        Decoder().decode(bytes(data))
    except Unsupported:
        return


def test_numpy_has_no_bfloat16_and_says_so():
    with pytest.raises(Unsupported, match="bfloat16"):
        values.decode(values.encode(torch.ones(2, dtype=torch.bfloat16)), "numpy")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x91" * (values.DEEPEST + 2) + b"\xc0", id="deep"),
        pytest.param(pack([0] * (values.LARGEST // values.OBJECT + 1)), id="many objects"),
        pytest.param(pack(Ext(3, b"f" * values.LONGEST_WHOLE)), id="a whole number without end"),
    ],
)
def test_a_forged_value_is_no_larger_than_an_honest_one(sent):
    """Whoever compares it recurses and counts, so the reader holds it to the writer's limits."""
    with pytest.raises(Unsupported):
        Decoder().decode(sent)
