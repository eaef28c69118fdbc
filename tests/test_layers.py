"""Who may import whom, read from the sources."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From top to bottom: a rank imports from those below it, never from its own or from those above.
RANKS = [
    {"app"},
    {"moss.ui", "moss.cli"},
    {"moss.usecases"},
    {"moss.results"},
    {"moss.render", "moss.blending", "moss.sonification"},
    {"moss.phase"},
    {"moss.signal"},
    {"moss.media", "moss.settings"},
    {
        "moss.errors",
        "moss.progress",
        "moss.parallel",
        "moss.device",
        "moss.temporary",
        "moss.allocation",
    },
]
# The two ways into the package, which open the ranks: nothing imports them but for the version.
DOORS = {"moss", "moss.__main__"}
RANK = {unit: rank for rank, units in enumerate(RANKS) for unit in units}
FILES = sorted(path for path in [ROOT / "app.py", *ROOT.glob("moss/**/*.py")] if path.exists())


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit_of(module):
    """The part of the project that `module` belongs to: a package or file right under moss."""
    return ".".join(module.split(".")[:2])


@cache
def imports_of(path):
    """Every module that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found.add(node.module)
            # "from moss import errors" names a module as well.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_units(path):
    """The other parts of the project that a file imports from."""
    modules = {name for name in imports_of(path) if name.split(".")[0] == "moss"}
    units = {unit for unit in map(unit_of, modules) if unit in RANK}
    return units - {unit_of(name_of(path))}


def importers_of(package):
    """The files that import `package` or anything in it."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(name == package or name.startswith(f"{package}.") for name in imports_of(path))
    }


def test_every_file_has_a_rank():
    assert {unit_of(name_of(path)) for path in FILES} <= RANK.keys() | DOORS


def test_imports_go_down():
    for path in FILES:
        rank = RANK.get(unit_of(name_of(path)), -1)
        upwards = {unit for unit in own_units(path) if RANK[unit] <= rank}
        assert upwards == set(), f"{path} imports {upwards}"


def test_everything_imported_from_moss_has_a_rank():
    for path in FILES:
        modules = {name for name in imports_of(path) if name.startswith("moss.")}
        assert set(map(unit_of, modules)) - RANK.keys() <= {"moss.__version__"}, path


def test_the_front_door_is_tidy():
    assert len([path for path in (ROOT / "moss").iterdir() if path.is_file()]) <= 12
    assert len(RANKS) == 9


def test_gradio_is_known_to_the_page_only():
    assert all(path.startswith("moss/ui/") for path in importers_of("gradio"))


def test_spaces_is_known_to_the_composition_root_only():
    assert importers_of("spaces") <= {"app.py"}


def test_pymoo_is_known_to_the_evolution_only():
    assert importers_of("pymoo") == {"moss/blending/evolution.py"}


@pytest.mark.parametrize("library", ["torch", "pymoo", "scipy"])
def test_render_never_optimises(library):
    assert not {path for path in importers_of(library) if path.startswith("moss/render/")}


@pytest.mark.parametrize("library", ["PIL", "soundfile", "matplotlib", "pathlib", "os", "tempfile"])
def test_blend_never_writes_a_file(library):
    assert not {path for path in importers_of(library) if path.startswith("moss/blending/")}


def test_the_reader_of_imports_sees_them():
    """The laws above would hold of a reader that finds nothing."""
    assert importers_of("moss.settings.blend") >= {
        "moss/usecases/blend.py",
        "moss/blending/search.py",
    }
    units = {"moss.parallel", "moss.signal"}
    assert own_units(ROOT / "moss/phase/descent.py") == units
