"""A pretend accelerator: proof that code is device-agnostic, on a machine without a GPU.

A `Pretend` tensor says that it lives on torch's `meta` device, keeps real values on the CPU, and refuses
to mix with CPU tensors exactly where CUDA would.  Values can be read (`.item()`, `bool()`), because a
right answer may look at them; CPU scalars and CPU index tensors stay legal, as they are on a GPU.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from grader.probing.loading import line_of

META = torch.device("meta")

# both sides may live apart: copies between devices, and index tensors on the CPU
_CROSSING = {
    "copy_",
    "_to_copy",
    "index",
    "index_put",
    "index_put_",
    "_unsafe_index",
    "_index_put_impl_",
}
_FROM_DATA = {torch.tensor, torch.as_tensor, torch.asarray}


class DeviceMix(RuntimeError):
    """A CPU tensor met one of the device."""


class Pretend(torch.Tensor):
    _here: torch.Tensor

    @staticmethod
    def __new__(cls, here: torch.Tensor) -> "Pretend":
        made: Pretend = torch.Tensor._make_wrapper_subclass(
            cls,
            here.size(),
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=META,
        )
        return made

    def __init__(self, here: torch.Tensor) -> None:
        self._here = here

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        raise RuntimeError(f"{func} on a pretend tensor outside its mode")

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return repr(self._here)

    def __format__(self, spec: str) -> str:
        return format(self._here, spec)

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(_index(index), value)

    @property
    def data(self) -> torch.Tensor:
        return self.detach()

    @data.setter
    def data(self, value: torch.Tensor) -> None:
        """`p.data = new` swaps what is inside, below the dispatcher: here by hand."""
        if not isinstance(value, Pretend):
            raise DeviceMix(".data of a tensor on the device is set to one on the CPU")
        self._here = value._here

    def new_tensor(  # type: ignore[override]
        self, data: Any, *, dtype: Any = None, device: Any = None, **more: Any
    ) -> Any:
        """Filled below the dispatcher, where the values would get lost."""
        return torch.tensor(data, dtype=dtype or self.dtype, device=device or META, **more)

    def new(self, *args: Any) -> Any:  # type: ignore[override]
        sizes = all(isinstance(arg, int) for arg in args) or isinstance(args[0], torch.Size)
        return self.new_empty(*args) if sizes else self.new_tensor(*args)

    def tolist(self) -> Any:
        return self._here.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        if not force:
            raise DeviceMix("can't convert a tensor of the device to numpy; it is not on the CPU")
        return self._here.numpy()

    __array__ = numpy  # type: ignore[assignment]


class Accelerator:
    """What an attempt did wrong on it: `mixed` keeps the first mixing, with its line."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.mixed = ""

    @contextmanager
    def on(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(_Dispatch(self))
            stack.enter_context(_FromData())
            stack.enter_context(_generators())
            yield

    def send(self, value: Any) -> Any:
        """The value with its tensors on this device."""
        return tree_map(lambda leaf: Pretend(leaf) if type(leaf) is torch.Tensor else leaf, value)

    def fetch(self, value: Any) -> Any:
        """The value with its tensors back; one that was left on the CPU counts as mixed."""
        for leaf in tree_leaves(value):
            if isinstance(leaf, torch.Tensor) and not isinstance(leaf, Pretend):
                self.note("a result lives on the CPU although the inputs live on the device")
        return tree_map(lambda leaf: leaf._here if isinstance(leaf, Pretend) else leaf, value)

    def note(self, text: str) -> None:
        self.mixed = self.mixed or text

    def mix(self, operator: str) -> None:
        text = (
            f"{line_of(self.filename)}`{operator}` mixes a tensor on the CPU with one on the device"
        )
        self.note(text)
        raise DeviceMix(f"Expected all tensors to be on the same device: {text}")


class _Dispatch(TorchDispatchMode):
    def __init__(self, accelerator: Accelerator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.accelerator = accelerator

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first call imports all of torch._dynamo

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        pretend = [tensor for tensor in tensors if isinstance(tensor, Pretend)]
        name = func.overloadpacket.__name__
        apart = [tensor for tensor in tensors if not isinstance(tensor, Pretend) and tensor.dim()]
        if pretend and apart and name not in _CROSSING:
            self.accelerator.mix(name)
        there = bool(pretend)
        if name == "copy_":
            there = isinstance(args[0], Pretend)
        if kwargs.get("device") is not None:
            there = kwargs["device"].type == "meta"
            kwargs["device"] = torch.device("cpu")
        here_args, here_kwargs = tree_map(_here, (args, kwargs))
        made = func(*here_args, **here_kwargs)
        known = {id(tensor._here): tensor for tensor in pretend}
        return tree_map(lambda leaf: _there(leaf, known) if there else leaf, made)


class _FromData(TorchFunctionMode):
    """torch.tensor(data, device=...) fills a tensor below the dispatcher, so it is made here and moved."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in _FROM_DATA and args and isinstance(args[0], list | tuple):
            args = (tree_map(_here, args[0]), *args[1:])  # numbers read off the device
        if func in _FROM_DATA and torch.device(kwargs.get("device") or "cpu").type == "meta":
            del kwargs["device"]
            return func(*args, **kwargs).to(META)
        return func(*args, **kwargs)


@contextmanager
def _generators() -> Iterator[None]:
    """torch.Generator(device="meta") does not exist: it is a CPU one while this lasts."""
    real = torch.Generator

    class Generator(real):  # type: ignore[misc, valid-type]
        def __new__(cls, device: Any = "cpu") -> Any:
            return real(device="cpu" if torch.device(device).type == "meta" else device)

    torch.Generator = Generator  # type: ignore[misc]
    try:
        yield
    finally:
        torch.Generator = real  # type: ignore[misc]


def _index(index: Any) -> Any:
    """Lists in an index become tensors below the dispatcher, where they would lose their values."""
    if isinstance(index, tuple):
        return tuple(_index(part) for part in index)
    if isinstance(index, range) or (isinstance(index, list) and _is_plain(index)):
        return torch.tensor(_plain(index))
    return index


def _is_plain(items: list[Any]) -> bool:
    """Numbers, one-element tensors and lists of such: not slices, which make a list mean a tuple."""
    return bool(items) and all(
        _is_plain(item) if isinstance(item, list) else hasattr(item, "__index__") for item in items
    )


def _plain(items: Any) -> list[Any]:
    if any(isinstance(item, list) for item in items):
        return [_plain(item) for item in items]
    return [item if isinstance(item, bool) else int(item) for item in items]


def _here(leaf: Any) -> Any:
    return leaf._here if isinstance(leaf, Pretend) else leaf


def _there(leaf: Any, known: dict[int, Pretend]) -> Any:
    """An in-place operator returns the very tensor that it was given."""
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return known.get(id(leaf)) if id(leaf) in known else Pretend(leaf)
