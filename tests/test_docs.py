"""What the documents name is there: links, files, targets of make, packages."""

import re
from pathlib import Path

import pytest

from tests.test_layers import RANKS

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md")
OURS = re.compile(r"`((?:moss|tests|docs|examples|benchmarks|scripts|ui)/[\w./-]*)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(name))
    assert {link for link in links if not ((ROOT / name).parent / link).exists()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_named_files_are_there(name):
    """A path that begins with ui/ is one of moss/."""
    paths = {re.sub(r"^ui/", "moss/ui/", path) for path in OURS.findall(text_of(name))}
    assert {path for path in paths if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_named_targets_of_make_are_there(name):
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([\w-]+)", text_of(name), re.MULTILINE)) <= targets


def test_the_architecture_names_every_rank():
    table = text_of("docs/architecture.md").split("## Ranks")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    named = [{name for name in re.findall(r"`([\w.]+)`", row)} for row in rows]
    units = {unit.removeprefix("moss.") for units in RANKS for unit in units} - {"app"}
    assert {name.removeprefix("moss.") for names in named for name in names} == units | {"app.py"}
    picture = text_of("docs/architecture.svg")
    assert {unit for unit in units if f">{unit}</text>" not in picture} == set()
