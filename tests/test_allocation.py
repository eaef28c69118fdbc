"""Memory that goes back: read from what the system says of another process."""

import subprocess
import sys

import pytest

IDLE_MB = 10  # of small blocks and pages that a process keeps in any case

FREED = """
import numpy as np
from pathlib import Path
from moss.allocation import give_back, keep_less

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

keep_less()
for _ in range(2):  # of glibc's own accord, blocks of the size of one that was freed are kept
    large = [np.ones(20_000_000, np.uint8) for _ in range(5)]
    del large
start = resident_mb()
large, between = [], []
for _ in range(5):
    large.append(np.ones(20_000_000, np.uint8))
    between.append(np.ones(200_000, np.uint8))
del large
print(resident_mb() - start)
small, between = [], []
for _ in range(1000):
    small.append(np.ones(100_000, np.uint8))
    between.append(np.ones(1000, np.uint8))
held = resident_mb() - start
del small
give_back()
print(held - 100, resident_mb() - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")
def test_what_is_freed_goes_back_large_at_once_and_small_when_asked_for():
    told = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    large, small_held, small = map(float, told.stdout.split())
    assert abs(large) < IDLE_MB
    assert small_held > -IDLE_MB and small < IDLE_MB
