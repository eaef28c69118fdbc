"""The logic of the page's scripts that needs no browser, tested in Node."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from moss.ui.components.painter.painter import MEASURES

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.test.js"))
TIMEOUT_S = 120  # the slowest takes 1 s alone, and the machine may be busy


@pytest.fixture(scope="module")
def node():
    path = shutil.which("node")
    if path is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("There is no node; on Debian and Ubuntu 'sudo apt install nodejs' brings it.")
    return path


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.js"))
def test_in_node(node, file):
    command = [node, "--test", "--test-reporter=spec", file]
    process = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert process.returncode == 0, process.stdout + process.stderr


def test_node_tests_with_the_measures_that_the_painter_hands_over():
    assert json.loads((HERE / "measures.json").read_text(encoding="utf-8")) == MEASURES
