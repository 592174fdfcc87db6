"""torch's own switches that take a watcher off: while a guard is on they work for torch and nobody else."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import torch
import torch._ops
import torch.utils._python_dispatch as python_dispatch

SWITCHES: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (
        torch._C,
        "torch._C",
        (
            *("_DisableTorchDispatch", "_ExcludeDispatchKeyGuard", "_ForceDispatchKeyGuard"),
            *("ExcludeDispatchKeyGuard", "_SetExcludeDispatchKeyGuard"),
            *("_AutoDispatchBelowAutograd", "_AutoDispatchBelowADInplaceOrView"),
            *("_dispatch_tls_set_dispatch_key_excluded", "_dispatch_tls_set_dispatch_key_included"),
            *("_get_dispatch_mode", "_get_dispatch_stack_at", "_pop_torch_dispatch_stack"),
            *("_push_on_torch_dispatch_stack", "_set_dispatch_mode", "_unset_dispatch_mode"),
        ),
    ),
    (
        python_dispatch,
        "torch.utils._python_dispatch",
        (
            *("_disable_current_modes", "_disable_infra_mode", "_pop_mode", "_push_mode"),
            *("_pop_mode_temporarily", "_unset_infra_mode", "_detect_infra_mode"),
            *("_get_current_dispatch_mode", "_get_current_dispatch_mode_stack"),
        ),
    ),
    (torch._ops.OpOverload, "torch._ops.OpOverload", ("redispatch",)),
)
_TORCH = os.path.dirname(torch.__file__) + os.sep


def guarded(refuse: Callable[[str], None]) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    """(owner, attribute, what stands there meanwhile): torch's calls go through, others to `refuse`."""
    for owner, prefix, names in SWITCHES:
        for name in names:
            if hasattr(owner, name):  # torch renames them now and then
                yield owner, name, _for_torch(getattr(owner, name), f"{prefix}.{name}", refuse)


def _for_torch(
    switch: Callable[..., Any], dotted: str, refuse: Callable[[str], None]
) -> Callable[..., Any]:
    def only_for_torch(*args: Any, **kwargs: Any) -> Any:
        if not sys._getframe(1).f_code.co_filename.startswith(_TORCH):
            refuse(dotted)
        return switch(*args, **kwargs)

    # a wrapper in C: unlike a closure it cannot be taken apart, and as it keeps no results it only calls
    opaque = lru_cache(maxsize=0)(only_for_torch)
    opaque.__wrapped__ = _not_shown  # torch.compile looks there
    return opaque


def _not_shown() -> None:
    """Stands where a wrapper shows what it wraps."""
