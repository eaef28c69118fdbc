"""Sentences about settings name them as the place does where a person chose them."""

import ast
import pickle
import re
from pathlib import Path

import pytest

import moss
from moss.cli.main import main
from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.fields import settings_in
from moss.settings.setting_error import SettingError, label_of, option_of, sentence_of
from moss.settings.sonify import SonifySettings

PACKAGE = Path(moss.__file__).parent
OF = {kind: settings_in(kind) for kind in (BlendSettings, SonifySettings)}
OPTION = re.compile(r"--[a-z]")
WRONG = {bool: "maybe", str: 3, int: 1.5, float: "much"}


def singly():
    """Every setting with a value of another type, out of its range and of none of its choices."""
    for kind, settings in OF.items():
        for name, each in settings.items():
            yield kind, {name: WRONG[each.kind]}, [name]
            if each.bounds:
                yield kind, {name: each.kind(each.bounds[0] - 1)}, [name]
                yield kind, {name: each.kind(each.bounds[1] + 1)}, [name]
            if each.choices:
                yield kind, {name: "nonsense" if each.kind is str else 17}, [name]


TOGETHER = [
    (BlendSettings, {"mono": True, "channel": "side"}, ["mono", "channel"]),
    (BlendSettings, {"n_fft": 2047}, ["n_fft", "hop_length"]),
    (BlendSettings, {"hop_length": 500}, ["n_fft", "hop_length"]),
    (BlendSettings, {"low_hz": 5000.0, "high_hz": 5010.0}, ["low_hz", "high_hz"]),
    (BlendSettings, {"grid_height": 1500}, ["grid_height", "grid_width"]),
    (BlendSettings, {"wishes": "music 30-31 0-80"}, ["wishes", "duration_s"]),
    (BlendSettings, {"wishes": "music 1-2 11025-12000"}, ["wishes", "sample_rate"]),
    (BlendSettings, {"duration_s": 600.0, "hop_length": 64}, ["duration_s", "hop_length"]),
    (
        BlendSettings,
        {"duration_s": 600.0, "grid_height": 1024, "grid_width": 20_000},
        ["grid_height", "grid_width"],
    ),
    (BlendSettings, {"grid_height": 1000, "population_size": 1000}, ["population_size"]),
    (BlendSettings, {"duration_s": 600.0, "representatives": 100}, ["representatives"]),
    (SonifySettings, {"n_fft": 2047}, ["n_fft", "hop_length"]),
    (SonifySettings, {"hop_length": 16}, ["hop_length", "n_fft"]),
    (SonifySettings, {"low_hz": 5000.0, "high_hz": 5010.0}, ["low_hz", "high_hz"]),
]


def refused(kind, changes):
    with pytest.raises(SettingError) as raised:
        kind(**changes)
    return raised.value


@pytest.mark.parametrize(("kind", "changes", "names"), [*singly(), *TOGETHER])
def test_each_place_names_settings_in_its_own_words(kind, changes, names):
    error, settings = refused(kind, changes), OF[kind]
    typed, seen, called = sentence_of(error, option_of), sentence_of(error, label_of), str(error)
    for sentence in (typed, seen, called):
        assert sentence.endswith(".") and ". " not in sentence and "{" not in sentence
    for name in names:
        assert f"--{settings[name].option}" in typed
        assert f'"{settings[name].label}"' in seen
        assert re.search(rf"\b{name}\b", called)
    fields = [rf"\b{name}\b" for name in settings if "_" in name]
    labels = [re.escape(f'"{each.label}"') for each in settings.values()]
    assert not re.search("|".join([*fields, *labels]), typed)
    assert not re.search("|".join([*fields, OPTION.pattern]), seen)
    assert not re.search("|".join([*labels, OPTION.pattern]), called)


@pytest.mark.parametrize(
    ("command", "kind"), [("blend", BlendSettings), ("sonify", SonifySettings)]
)
def test_the_command_line_names_the_option_that_was_typed(capsys, command, kind):
    files = {"blend": ["--image", "a", "--audio", "b"], "sonify": ["--image", "a"]}[command]
    for each in OF[kind].values():
        if each.bounds:
            value = f"--{each.option}={each.kind(each.bounds[0]) - 1}"
            assert main([command, *files, "--output", "nowhere", value]) == 2
            said = capsys.readouterr().err
            assert said.startswith(f"moss: --{each.option} is ")


def test_error_survives_the_way_to_another_process():
    error = refused(BlendSettings, {"gamma": 0.0})
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, InputError)
    assert str(copy) == str(error) == "gamma is 0.0; it must be from 0.1 to 10."
    assert sentence_of(copy, option_of) == "--gamma is 0.0; it must be from 0.1 to 10."


def sentences():
    """Every text in the raising of an error that a person sees, with its module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                texts = (each for each in ast.walk(node.exc) if isinstance(each, ast.Constant))
                words = "".join(each.value for each in texts if isinstance(each.value, str))
                if words:
                    yield path.relative_to(PACKAGE).as_posix(), words


def test_options_are_named_by_the_command_line_alone_and_labels_by_the_page_alone():
    found = list(sentences())
    assert len(found) > 100
    labels = [f'"{each.label}"' for settings in OF.values() for each in settings.values()]
    for module, words in found:
        if not module.startswith("cli/"):
            assert not OPTION.search(words), (module, words)
        if not module.startswith("ui/"):
            assert not any(label in words for label in labels), (module, words)
