"""What every test has: one thread per operation, and one finished run for all who need one."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from moss.results.run import Run
from moss.usecases.blend import blend
from tests.small import PAD, PICTURE, SMALL

Once = Callable[[str, Callable[[Path], object]], Path]

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported
torch.set_num_threads(1)  # the engine runs one piece of work per core itself


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """once(name, make): the folder that `make(folder)` has filled, made by the first who asks.

    All processes that run tests share it, so nobody writes into it.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder = root / name
        if not folder.exists():
            own = tmp_path_factory.mktemp(name) / name
            make(own)
            with suppress(OSError):  # two have made it at the same time, and the other was first
                own.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def first_run(once: Once) -> Run:
    """A finished run of the small pair, with all its pictures; nobody writes into its folder."""
    folder = once("first-run", lambda folder: blend(PICTURE, PAD, folder, SMALL).result())
    return Run(folder, json.loads((folder / "summary.json").read_text(encoding="utf-8")))
