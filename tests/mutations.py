"""Small breaks of MOSS across its ranks, one at a time, and which test notices each.

`python -m tests.mutations` copies the checkout, breaks a line in the copy and runs there what
`make test` runs, until a test fails: first the tests that most likely notice, then all of them.
`--checkout DIR` does it to another checkout, whose files may have other names.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = (".py", ".js")
LONGEST_S = 3600.0  # of a run of all tests; what takes longer hangs, which is noticed too
HANGS = "(it hangs)"
BLIND = ("--ignore", "tests/test_mutations.py")  # it would notice by the missing words alone


@dataclass(frozen=True)
class Mutation:
    """A break: `new` instead of `old` in the one file of MOSS that has it.

    what : is broken, in words. file : where it is now; an older checkout may have it elsewhere.
    tests : the files of tests that most likely notice.
    """

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def place_in(self, checkout: Path) -> Path:
        """Return the file of `checkout` to break; LookupError unless there is one place for it."""
        here = checkout / self.file
        files = [here] if here.exists() else sources_of(checkout)
        found = [path for path in files for _ in range(path.read_text("utf-8").count(self.old))]
        if len(found) != 1:
            raise LookupError(f"{self.what}: {self.old!r} stands in {len(found)} places")
        return found[0]


MUTATIONS = (
    Mutation(
        "a setting below its range is taken",
        "moss/settings/fields.py",
        "low <= value <= high",
        "value <= high",
        ("tests/settings/test_blend.py",),
    ),
    Mutation(
        "masks are blurred less",
        "moss/blending/mask.py",
        "-(offsets**2) / (2 * sigma**2)",
        "-(offsets**2) / sigma**2",
        ("tests/blending/test_mask.py",),
    ),
    Mutation(
        "SSIM's contrast constant",
        "moss/signal/similarity.py",
        "C2 = 0.03**2",
        "C2 = 0.01**2",
        ("tests/signal/test_similarity.py",),
    ),
    Mutation(
        "hypervolume counts overlaps twice",
        "moss/signal/pareto.py",
        "np.concatenate(([reference[1]], front[:-1, 1]))",
        "np.full(len(front), reference[1])",
        ("tests/blending/test_front.py",),
    ),
    Mutation(
        "rounding noise is not shaped",
        "moss/signal/noise_shaping.py",
        "EXPONENT = 0.6",
        "EXPONENT = 0.0",
        ("tests/signal/test_noise_shaping.py",),
    ),
    Mutation(
        "WAV samples are rounded down",
        "moss/media/sound_files.py",
        "np.rint(steps",
        "np.floor(steps",
        ("tests/media/test_media.py",),
    ),
    Mutation(
        "the loudness gate lies lower",
        "moss/signal/loudness.py",
        "RELATIVE_GATE_LU = -10.0",
        "RELATIVE_GATE_LU = -20.0",
        ("tests/signal/test_loudness.py",),
    ),
    Mutation(
        "a prepared view of another window has the level of the first",
        "moss/blending/prepare.py",
        "offset = 0.5 * math.log(factor)",
        "offset = 0.0 * math.log(factor)",
        ("tests/blending/test_prepared.py",),
    ),
    Mutation(
        "a steer toward music goes toward the picture",
        "moss/blending/front.py",
        'if side == "music":',
        'if side == "picture":',
        ("tests/blending/test_front.py",),
    ),
    Mutation(
        "sounds along the front are named otherwise",
        "moss/results/names.py",
        ":02d}.{file_format}",
        ":03d}.{file_format}",
        ("tests/usecases/test_steer.py", "tests/cli/test_cli.py"),
    ),
    Mutation(
        "--image is ignored beside --from",
        "moss/cli/blend.py",
        "image = image or recorded.input(",
        "image = recorded.input(",
        ("tests/cli/test_cli.py",),
    ),
    Mutation(
        "what is wrong with a track is told beside the picture",
        "moss/ui/tabs/blend.py",
        '"audio": self._wells.track_problem',
        '"audio": self._wells.picture_problem',
        ("tests/ui/test_ui.py",),
    ),
    Mutation(
        "a sweep deletes fresh files",
        "moss/ui/host/room.py",
        "now - used > FRESH_S",
        "now - used > -FRESH_S",
        ("tests/ui/test_room.py",),
    ),
    Mutation(
        "who comes first is first, however many runs of theirs wait",
        "moss/ui/host/turns.py",
        "sorted(self._waiting, key=",
        "list(self._waiting) or sorted(self._waiting, key=",
        ("tests/ui/test_turns.py",),
    ),
    Mutation(
        "the player lays its picture out upright",
        "moss/ui/components/player/player.py",
        "(WIDTH, HEIGHT) * 2",
        "(HEIGHT, WIDTH) * 2",
        ("tests/ui/test_player.py",),
    ),
    Mutation(
        "a thick stroke lies a row too high",
        "moss/ui/components/painter/stroke.js",
        "const top = middle - Math.floor((size - 1) / 2)",
        "const top = middle - Math.floor((size + 1) / 2)",
        ("tests/js", "tests/ui/browser/painter/test_strokes.py"),
    ),
    Mutation(
        "the time left does not count what is done",
        "moss/usecases/time_left.py",
        "* left / done",
        "* left",
        ("tests/ui/test_ui.py",),
    ),
    Mutation(
        "rows on the mel scale",
        "moss/signal/rows.py",
        "np.log1p(hz / MEL_HZ)",
        "np.log1p(hz)",
        ("tests/signal/test_rows.py",),
    ),
    Mutation(
        "the sign of PGHI's slope along time",
        "moss/phase/pghi.py",
        "by_bin -= ratio",
        "by_bin += ratio",
        ("tests/phase/test_pghi.py",),
    ),
    Mutation(
        "the colours of an animation are turned round",
        "moss/render/gif.py",
        "colours = palette().tobytes()",
        "colours = palette()[::-1].tobytes()",
        ("tests/render/test_render.py",),
    ),
    Mutation(
        "a folder that was to be replaced does not come back",
        "moss/results/folder.py",
        'for old in abandoned_folders(*_beside(path, ".old")):',
        "for old in ():",
        ("tests/results/test_folder.py",),
    ),
)


def sources_of(checkout: Path) -> list[Path]:
    """Return the files of MOSS in `checkout` that can be broken."""
    return sorted(path for path in checkout.glob("moss/**/*") if path.suffix in SOURCES)


def copied(checkout: Path, folder: Path) -> Path:
    """Copy what git knows or does not ignore of `checkout` into `folder`; return the copy."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    copy = folder / "moss"
    for name in filter(None, listed.stdout.split("\0")):
        if (checkout / name).is_file() and not (checkout / name).is_symlink():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, copy / name)
    for name in (".venv", "node_modules"):
        if (checkout / name).exists():
            (copy / name).symlink_to((checkout / name).resolve())
    return copy


def failing(copy: Path, options: Sequence[str]) -> str | None:
    """Return the first test that fails in `copy`, or None; `options` are pytest's."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-m", "not soak", *options]
    process = subprocess.Popen(
        [*command, "-p", "no:cacheprovider"],
        cwd=copy,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return HANGS
    if process.returncode == 0:
        return None
    if found := re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE):
        return found[1]
    raise RuntimeError(f"pytest ended with {process.returncode}:\n{said[-2000:]}")


def noticed_by(
    mutation: Mutation, checkout: Path, names: Mapping[str, str], everywhere: Sequence[str]
) -> str | None:
    """Return the test of `checkout` that notices a mutation, or None.

    names : what the files of tests that are likely to are called there, where that differs.
    everywhere : pytest's options for all tests.
    """
    with tempfile.TemporaryDirectory(prefix="moss-mutation-") as folder:
        copy = copied(checkout, Path(folder))
        path = mutation.place_in(copy)
        broken = path.read_text(encoding="utf-8").replace(mutation.old, mutation.new)
        path.write_text(broken, encoding="utf-8")
        likely = likely_tests([mutation], copy, names)
        return (likely and failing(copy, likely)) or failing(copy, everywhere)


def likely_tests(
    mutations: Sequence[Mutation], checkout: Path, names: Mapping[str, str]
) -> list[str]:
    """Return the files of tests of `checkout` that most likely notice `mutations`."""
    tests = [names.get(test, test) for mutation in mutations for test in mutation.tests]
    return [test for test in dict.fromkeys(tests) if (checkout / test).exists()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Break what is asked for, and print a table of who noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="default: this one")
    parser.add_argument("--names", type=Path, help="JSON: {test file here: its name there}")
    parser.add_argument("--only", help="mutations whose words have this in them")
    parser.add_argument("--processes", default="2", help="that run all tests (default 2)")
    asked = parser.parse_args(arguments)
    checkout = asked.checkout.resolve()
    names = json.loads(asked.names.read_text(encoding="utf-8")) if asked.names else {}
    mutations = [each for each in MUTATIONS if (asked.only or "") in each.what]
    with tempfile.TemporaryDirectory(prefix="moss-mutation-") as folder:
        whole = copied(checkout, Path(folder))
        if already := failing(whole, likely_tests(mutations, whole, names)):
            raise SystemExit(f"{already} fails before anything is broken.")
    width = max(len(each.what) for each in mutations)
    everywhere = ("--numprocesses", asked.processes, "--dist", "worksteal", *BLIND)
    noticed = 0
    for each in mutations:
        began = time.monotonic()
        by = noticed_by(each, checkout, names, everywhere)
        noticed += by is not None
        seconds = time.monotonic() - began
        print(f"{each.what:{width}}  {seconds:6.0f} s  {by or 'nobody notices'}", flush=True)
    print(f"{noticed} of {len(mutations)} are noticed.")


if __name__ == "__main__":
    main()
