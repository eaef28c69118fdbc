"""Waiting for what another thread or process does."""

import time

PATIENCE_S = 30.0  # the machine may be busy; nobody waits this long for a pass


def eventually(holds, patience_s=PATIENCE_S):
    """Return what `holds()` returns once that is true; AssertionError if it never is."""
    end = time.monotonic() + patience_s
    while not (found := holds()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
    return found
