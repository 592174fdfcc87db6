"""Which devices are here.  Asked only in processes forked from the warm one: it must never touch CUDA."""

import os

import torch

# asks the driver's management library instead of making a context, which no fork would survive
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")


def there() -> list[str]:
    """Accelerators first, the CPU last."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def wake(device: str) -> None:
    """Make an accelerator's context, with the library of its matrix products: it takes seconds."""
    if device != "cpu":
        square = torch.ones(2, 2, device=device)
        (square @ square).sum().item()


def resolve(wanted: str, allowed: list[str]) -> str | None:
    """The device to use for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; None when it is not there."""
    usable = [device for device in there() if device.partition(":")[0] in allowed]
    if wanted == "auto":
        return usable[0]
    if wanted == "cuda":
        wanted = "cuda:0"
    return wanted if wanted in usable else None
