"""What is free again of the memory goes back to the system, where the C library can be told to.

glibc keeps freed blocks of up to 32 MB for later, also between others that are in use. The
waveforms of a few minutes are just below that: several gigabytes lay idle. Elsewhere nothing
happens.
"""

import ctypes
import sys
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # what mallopt calls them in malloc.h
# Blocks from here on go back as soon as they are freed. Those of 30 s are smaller, and kept: to
# get them anew costs more.
LARGE_BYTES = 16 << 20


def keep_less() -> None:
    """Let large blocks of this process go back to the system as soon as they are free."""
    library = _c_library()
    if library is not None:
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        # Set along with the other one, else every small block would go back at once as well.
        library.mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES)


def give_back() -> None:
    """Give the system what is free now: for the moment between two stages of long work."""
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _c_library() -> ctypes.CDLL | None:
    """Return glibc, or None where the C library is another one."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
