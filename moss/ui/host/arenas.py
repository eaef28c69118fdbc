"""The memory of a server that runs for long stays what it needs."""

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # the number of this option in glibc's malloc.h
ARENAS = 2


def limit_arenas() -> None:
    """Let glibc's malloc keep two arenas, from now on and for all threads; elsewhere do nothing.

    By default it makes eight for each core, and every run and every visitor is a thread of its
    own: the memory of many small pieces that are left in many arenas grew by a third in 80 runs
    (`python -m benchmarks.load` prints how memory grows).
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, ARENAS)
