"""One blend in a process of its own, so that its peak memory is its own; JSON to stdout."""

import json
import resource
import sys
import time
from pathlib import Path

from moss.blending.prepare import prepare
from moss.blending.prepared import Prepared
from moss.results.run import Run
from moss.settings.blend import BlendSettings
from moss.usecases.blend import blend
from moss.usecases.compute import find_front


def peak_mb() -> float:
    """Return the most memory this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike ru_maxrss, this leaves out what the parent held when it started us.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def main(picture: str, audio: str, output: str, changes: str) -> None:
    """Run blend, or the search alone where `output` is "", with `changes` as JSON settings."""
    settings = BlendSettings(**json.loads(changes))
    started = time.perf_counter()
    events, seconds, peaks, duration_s = [], {}, {}, settings.duration_s
    if output:
        items = blend(picture, audio, output, settings)
    else:
        items = find_front(prepare(picture, audio, settings))
    for item in items:
        if isinstance(item, Run):
            seconds = item.summary["seconds"]
            duration_s = item.summary["settings"]["duration_s"]
            continue
        if isinstance(item, Prepared):
            continue
        peaks[item.stage] = peak_mb()
        if hasattr(item, "hypervolume"):
            events.append([item.stage, item.step, item.steps, item.elapsed_s, item.hypervolume])
    print(
        json.dumps(
            {
                "events": events,
                "seconds": seconds,
                "peak_mb": peaks,
                "all_peak_mb": peak_mb(),
                "total_s": time.perf_counter() - started,
                "duration_s": duration_s,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
