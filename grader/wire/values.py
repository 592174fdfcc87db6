"""Plain values to bytes and back.  What is decoded is a claim: kind, dtype, shape and size are checked here.

Torch tensors and NumPy arrays travel alike, as dtype, shape, device and a raw buffer; the reader says
which of the two it wants.
"""

import math
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from msgspec.msgpack import Ext

Kind = Literal["torch", "numpy"]

LARGEST = 8 * 1024 * 1024  # bytes of tensors, text and Python objects in one value
DEEPEST = 32
OBJECT = 32  # bytes that any Python object takes at the least
LONGEST_WHOLE = 4096  # bits of a whole number
_TENSOR, _TUPLE, _WHOLE = 1, 2, 3

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
        *(torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
        *(torch.bool, torch.complex64, torch.complex128),
    )
}


_IN_NUMPY = {torch.float32, torch.float64, torch.int64, torch.bool}


class Unsupported(Exception):
    """A value that a probe may not return, or that no reader may trust."""


class _Header(msgspec.Struct, array_like=True):
    dtype: str
    shape: list[int]
    device: str
    strides: list[int] | None  # in elements, when the layout of an input matters
    buffer: bytes


def encode(value: Any, *, device_of: Callable[[Any], str] | None = None) -> bytes:
    """`device_of` overrules where a tensor says it lives (the pretend accelerator needs it)."""
    try:
        return msgspec.msgpack.encode(_Encoder(device_of).plain(value, 0))
    except (UnicodeEncodeError, OverflowError) as problem:
        raise Unsupported(f"a text or a dict key that cannot be written ({problem})") from None


def decode(data: bytes, kind: Kind = "torch", device: str = "cpu") -> Any:
    """For the side that trusts the sender: layouts are kept, so non-contiguous inputs arrive as such."""
    return Decoder(kind, device, keep_layout=True).decode(data)


class _Encoder:
    def __init__(self, device_of: Callable[[Any], str] | None) -> None:
        self.device_of = device_of
        self.budget = LARGEST

    def plain(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if depth > DEEPEST:
            raise Unsupported(f"a value nested more than {DEEPEST} deep (does it contain itself?)")
        if value is None or kind is bool or kind is float:
            self.spend(OBJECT)
            return value
        if kind is int:
            return self.whole(value)
        if kind is str or kind is bytes:
            self.spend(len(value) * 4)
            return value
        self.spend(64)  # an empty list costs memory too, where it is read
        if issubclass(kind, list):
            return [self.plain(item, depth + 1) for item in list.__iter__(value)]
        if issubclass(kind, tuple):
            items = [self.plain(item, depth + 1) for item in tuple.__iter__(value)]
            return Ext(_TUPLE, msgspec.msgpack.encode(items))
        if issubclass(kind, dict):
            return self.table(value, depth)
        return self.array(value)

    def whole(self, value: int) -> Any:
        self.spend(OBJECT)
        if -(2**63) <= value < 2**63:
            return value
        if value.bit_length() > LONGEST_WHOLE:
            raise Unsupported(f"a whole number of more than {LONGEST_WHOLE} bits")
        return Ext(_WHOLE, hex(value).encode())

    def table(self, value: dict[Any, Any], depth: int) -> dict[Any, Any]:
        plain = {}
        for key, item in dict.items(value):
            if type(key) not in (str, int):
                raise Unsupported(f"a dict key of type {_name(type(key))}; keys are str or int")
            self.spend(16 + 4 * (len(key) if type(key) is str else 8))
            plain[key] = self.plain(item, depth + 1)
        return plain

    def array(self, value: Any) -> Ext:
        kind = type(value)
        if kind is np.ndarray or isinstance(value, np.generic):
            return self.buffer(*_of_numpy(np.asarray(value)), value.nbytes)
        if kind is torch.Tensor or kind is torch.nn.Parameter:
            if value.layout is not torch.strided:
                raise Unsupported(f"a tensor with layout {value.layout}; return a dense one")
            device = self.device_of(value) if self.device_of else str(value.device)
            size = value.numel() * value.element_size()
            return self.buffer(str(value.dtype), list(value.shape), device, value, size)
        if issubclass(kind, torch.Tensor):
            raise Unsupported(f"a tensor subclass, {_name(kind)}; return a plain torch.Tensor")
        if issubclass(kind, np.ndarray):
            raise Unsupported(f"an array subclass, {_name(kind)}; return a plain np.ndarray")
        raise Unsupported(f"a value of type {_name(kind)}")

    def buffer(self, dtype: str, shape: list[int], device: str, value: Any, size: int) -> Ext:
        dtype = dtype.removeprefix("torch.")
        if dtype not in DTYPES:
            raise Unsupported(f"a tensor of dtype {dtype}")
        self.spend(size)
        header = _Header(dtype, shape, device, _strides(value), _raw(value))
        return Ext(_TENSOR, msgspec.msgpack.encode(header))

    def spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise Unsupported(f"more than {LARGEST >> 20} MiB of values")


def _of_numpy(array: np.ndarray) -> tuple[str, list[int], str, Any]:
    return str(array.dtype), list(array.shape), "cpu", array


def _strides(value: Any) -> list[int] | None:
    """None for the usual row-major layout, and for one whose elements overlap (an expanded tensor)."""
    if isinstance(value, np.ndarray):
        regular = value.flags.c_contiguous
        strides = [stride // value.itemsize for stride in value.strides]
    else:
        regular = value.is_contiguous()
        strides = list(value.stride())
    return None if regular or min(strides) <= 0 else strides


def _raw(value: Any) -> bytes:
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value).tobytes()
    if value.dtype in _IN_NUMPY and value.is_cpu and not (value.requires_grad or value.is_neg()):
        return bytes(value.numpy().tobytes())  # the usual case, with few steps
    tensor = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
    if not tensor.numel():
        return b""
    # not reshape(-1): a tensor with one element counts as contiguous whatever its stride is
    raw: bytes = tensor.as_strided((tensor.numel(),), (1,)).view(torch.uint8).numpy().tobytes()
    return raw


def _name(kind: type) -> str:
    return str(type.__getattribute__(kind, "__qualname__"))


class Decoder:
    """Reads values as torch tensors or NumPy arrays; remembers the devices that the tensors named."""

    def __init__(
        self, kind: Kind = "torch", device: str = "cpu", *, keep_layout: bool = False
    ) -> None:
        self.kind = kind
        self.device = device
        self.keep_layout = keep_layout
        self.devices: list[str] = []
        self.objects = 0

    def decode(self, data: bytes) -> Any:
        try:
            value = msgspec.msgpack.decode(data, ext_hook=self.extension, strict=True)
            self.measure(value, 0)
        except (msgspec.DecodeError, ValueError, TypeError, RuntimeError) as problem:
            raise Unsupported(f"bytes that are no value ({problem})") from None
        return value

    def measure(self, value: Any, depth: int) -> None:
        """As deep and as many as an encoder makes them: whoever compares them may recurse and count."""
        self.objects += 1
        if depth > DEEPEST or self.objects > LARGEST // OBJECT:
            raise ValueError("too deep or too many")
        if isinstance(value, list | tuple):
            for item in value:
                self.measure(item, depth + 1)
        elif isinstance(value, dict):
            for item in value.values():
                self.measure(item, depth + 1)

    def extension(self, code: int, data: memoryview) -> Any:
        if code == _TENSOR:
            return self.tensor(msgspec.msgpack.decode(data, type=_Header))
        if code == _TUPLE:
            return tuple(msgspec.msgpack.decode(data, type=list[Any], ext_hook=self.extension))
        if code == _WHOLE and len(data) <= LONGEST_WHOLE // 4 + len("-0x"):
            return int(bytes(data), 16)
        raise ValueError(f"extension {code}")

    def tensor(self, header: _Header) -> Any:
        if header.dtype not in DTYPES or len(header.shape) > 16 or min(header.shape, default=0) < 0:
            raise ValueError("no such dtype or shape")
        dtype = DTYPES[header.dtype]
        if math.prod(header.shape) * dtype.itemsize != len(header.buffer):
            raise ValueError("the buffer does not fit the shape")
        self.devices.append(header.device)
        if self.kind == "numpy" and dtype is torch.bfloat16:
            raise ValueError("NumPy has no bfloat16")
        tensor = self.laid_out(header, dtype)
        if self.device == "mps" and dtype is torch.float64:
            return tensor  # MPS has no float64
        return tensor.numpy() if self.kind == "numpy" else tensor.to(self.device)

    def laid_out(self, header: _Header, dtype: torch.dtype) -> torch.Tensor:
        if not header.buffer:
            return torch.empty(header.shape, dtype=dtype)
        tensor = torch.frombuffer(bytearray(header.buffer), dtype=dtype).reshape(header.shape)
        if not (self.keep_layout and header.strides):
            return tensor
        return torch.empty_strided(header.shape, header.strides, dtype=dtype).copy_(tensor)
