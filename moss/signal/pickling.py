"""How what is made of tensors travels to another process: as NumPy arrays.

Tensors themselves would go by way of PyTorch's shared memory, which is small in a container.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import numpy as np
import torch


class PickledAsArrays:
    """A frozen dataclass whose tensors are pickled as arrays, and come back on the CPU."""

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields; what is cached besides is computed again where it is wanted."""
        return {each.name: _packed(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]  # of a dataclass

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the fields over."""
        for name, value in state.items():
            object.__setattr__(self, name, _unpacked(value))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch compute in this thread alone.

    A process that was forked has lost the threads that PyTorch computed with until then, and
    would wait for them for ever.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _packed(value: Any) -> Any:
    return value.cpu().numpy() if isinstance(value, torch.Tensor) else value


def _unpacked(value: Any) -> Any:
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value
