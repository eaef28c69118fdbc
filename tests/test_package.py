"""What `pip install .` brings: the dependencies, the files, and a command that works anywhere."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from moss import __version__
from moss.usecases.deploy import EXAMPLES, space_files

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCES = {"imageio", "pytorch-msssim"}  # tests compare with them, and moss/ needs neither
FROM_GRADIO = {"starlette"}  # imported, but gradio decides which version comes with it
OPTIONAL = {"spaces"}  # only the machines of Hugging Face have it
FOR_CHECKERS = {"_typeshed"}  # types without a module, which only type checkers read
PATIENCE_S = 240  # against hanging only


def name_of(requirement: Requirement) -> tuple[str, frozenset[str]]:
    """The distribution and its extras, which tell gradio and gradio[mcp] apart."""
    return canonicalize_name(requirement.name), frozenset(requirement.extras)


def pins(file: str) -> dict[tuple[str, frozenset[str]], str]:
    """The version of each requirement of a file; every line of it has to be an exact pin."""
    found = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        text = re.sub(r"(^| )#.*", "", line).strip()
        if not text or text.startswith("-r "):
            continue
        requirement = Requirement(text)
        (pin,) = requirement.specifier
        assert pin.operator == "==" and "*" not in pin.version, line
        found[name_of(requirement)] = pin.version
    return found


def ranges(requirements: list[str]) -> dict[tuple[str, frozenset[str]], Requirement]:
    return {name_of(requirement): requirement for requirement in map(Requirement, requirements)}


def plain(*names: str) -> set[tuple[str, frozenset[str]]]:
    return {(name, frozenset()) for name in names}


PINS = pins("requirements.txt")
DEV_PINS = pins("requirements-dev.txt")
RANGES = ranges(PROJECT["dependencies"])
EXTRAS = {name: ranges(texts) for name, texts in PROJECT["optional-dependencies"].items()}


def test_pins_and_ranges_name_the_same_packages():
    assert PINS.keys() == RANGES.keys() | plain(*REFERENCES)
    assert DEV_PINS.keys() == EXTRAS["dev"].keys() - plain(*REFERENCES)
    assert plain(*REFERENCES) <= EXTRAS["dev"].keys()
    assert EXTRAS["mcp"].keys() <= EXTRAS["dev"].keys()


def test_every_pin_lies_in_its_range():
    allowed = EXTRAS["dev"] | RANGES
    outside = {
        name: pin
        for name, pin in (PINS | DEV_PINS).items()
        if not allowed[name].specifier.contains(pin)
    }
    assert outside == {}
    assert EXTRAS["mcp"].items() <= EXTRAS["dev"].items()


def test_every_range_has_both_ends():
    """Without a cap, a release that nobody has tried yet could break an installation."""
    for requirement in (*RANGES.values(), *EXTRAS["dev"].values()):
        operators = {part.operator for part in requirement.specifier}
        assert operators == {">=", "<"}, requirement


def test_torch_and_torchaudio_are_a_pair():
    torch, torchaudio = (RANGES[(name, frozenset())] for name in ("torch", "torchaudio"))
    assert torch.specifier == torchaudio.specifier
    assert len({PINS[(name, frozenset())] for name in ("torch", "torchaudio")}) == 1


def imported() -> set[str]:
    """The distributions that moss/ and app.py import, at the top of a file or inside a function."""
    modules = set()
    for path in (ROOT / "app.py", *ROOT.glob("moss/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules.add(node.module.split(".")[0])
    others = modules - sys.stdlib_module_names - {"moss"} - OPTIONAL - FOR_CHECKERS
    from_module = packages_distributions()
    return {canonicalize_name(from_module[module][0]) for module in others}


def test_dependencies_are_what_is_imported():
    assert imported() - FROM_GRADIO == {name for name, _ in RANGES}


def test_the_readme_installs_the_pinned_gradio():
    assert set(re.findall(r"gradio(?:\[\w+\])?==([\d.]+)", README)) == {PINS["gradio", frozenset()]}


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE_S)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel in it, as pip lays it there."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Run a command in an empty folder, in which only the installed package can be imported."""

    def run(*command: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            input=text,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_the_wheel_holds_the_package_and_the_examples(wheel):
    """A Space needs the same files, beside its own."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    needed = {name for name in space_files() if name.startswith("moss/")}
    examples = {f"moss/{name}" for name in space_files() if name.startswith("examples/")}
    assert {f"moss/examples/{name}" for name in EXAMPLES} <= examples
    assert names == needed | examples | {"moss/py.typed", "moss/examples/README.md"}


def test_there_is_one_version(wheel, run, installed):
    assert "version" not in PROJECT
    assert wheel.name == f"moss-{__version__}-py3-none-any.whl"
    assert run(sys.executable, "-m", "moss", "--version").stdout == f"moss {__version__}\n"


def test_the_command_runs_outside_a_checkout(run, installed, tmp_path):
    command = str(installed / "bin" / "moss")
    assert "sonify" in run(command, "--help").stdout
    picture = str(installed / "moss" / "examples" / "moon.webp")
    run(command, "sonify", "--image", picture, "--duration", "1", "--output", "moon")
    assert (tmp_path / "moon" / "sound.wav").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["moon"]


@pytest.mark.soak
def test_the_page_finds_what_is_bundled_outside_a_checkout(run, installed):
    check = (
        "from moss import ui\n"
        "from moss.ui.bundled import EXAMPLES, FIRST, FIRST_SOUND\n"
        "assert (FIRST / 'summary.json').is_file()\n"
        "assert (FIRST_SOUND / 'summary.json').is_file()\n"
        "ui.build(compute=iter)\n"
        "print(EXAMPLES)\n"
    )
    assert run(sys.executable, "-c", check).stdout.strip() == str(installed / "moss" / "examples")


@pytest.mark.soak
def test_the_readme_example_runs_outside_a_checkout(run, installed, tmp_path):
    """Word for word, beside the examples, which it names as a checkout has them."""
    (tmp_path / "examples").symlink_to(installed / "moss" / "examples")
    section = README.split("## In Python")[1].split("\n## ")[0]
    (example,) = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    lines = run(sys.executable, "-", text=example).stdout.splitlines()
    sounds = [line for line in lines if " at 22050 Hz replays [" in line]
    assert len(sounds) == 12
    assert all(line.startswith("(") and line.split(", ")[1].startswith("44100)") for line in sounds)
    stages = [line.split()[0] for line in lines if " of " in line and line not in lines[-1:]]
    assert list(dict.fromkeys(stages)) == ["seeding", "evolution", "front", "sounds", "files"]
    assert re.fullmatch(r"galaxy has a hypervolume of 0\.\d+", lines[-1])
    made = {path.name for path in tmp_path.iterdir()} - {"examples"}
    assert made == {"galaxy", "galaxy-more", "galaxy-20", "moon"}
