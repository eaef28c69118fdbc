"""The device that the heavy work is done on."""

import os

import torch


def best_device() -> str:
    """Return "cuda" where PyTorch sees a GPU, otherwise "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def words_for(device: str) -> str:
    """Return what a person calls `device`, such as "2 processor cores"."""
    if device == "cpu":
        count = os.cpu_count() or 1
        return f"{count} processor core{'s' if count > 1 else ''}"
    if os.environ.get("SPACES_ZERO_GPU"):  # a GPU that is there only while something is computed
        return "a shared GPU (ZeroGPU)"
    return torch.cuda.get_device_name(device)
