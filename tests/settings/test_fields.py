"""A setting is declared once, and everybody reads it there."""

from dataclasses import dataclass

import pytest

from moss.errors import InputError
from moss.settings.blend import BlendSettings
from moss.settings.fields import (
    changed_fields,
    check_fields,
    groups_in,
    preset_with,
    setting,
    settings_in,
    with_current_names,
    with_parameters,
)
from moss.settings.sonify import SonifySettings


@with_parameters
@dataclass(frozen=True, kw_only=True)
class Tea:
    """How tea is made."""

    minutes: float = setting(3.0, label="Minutes", help="how long", group="the pot", bounds=(1, 9))
    leaf: str = setting(
        "black",
        label="Leaf",
        help="of which plant",
        group="the pot",
        choices=("black", "herb"),
        formerly="kind",
        former_values={"mint": "herb"},
    )
    cups: int | None = setting(
        None, label="Cups", help="auto is as many as guests", group="the table", option="n"
    )
    is_sweet: bool = setting(False, label="Sweet", help="add sugar", group="the table")

    def __post_init__(self):
        check_fields(self)


TEA = settings_in(Tea)


def test_a_setting_knows_its_field():
    assert list(TEA) == ["minutes", "leaf", "cups", "is_sweet"]
    assert [each.kind for each in TEA.values()] == [float, str, int, bool]
    assert [each.is_optional for each in TEA.values()] == [False, False, True, False]
    assert [each.default for each in TEA.values()] == [3.0, "black", None, False]


def test_an_option_is_the_name_unless_it_has_its_own():
    assert [each.option for each in TEA.values()] == ["minutes", "leaf", "n", "is-sweet"]


def test_groups_are_in_the_order_of_the_fields():
    names = {title: [each.name for each in settings] for title, settings in groups_in(Tea).items()}
    assert names == {"the pot": ["minutes", "leaf"], "the table": ["cups", "is_sweet"]}


@pytest.mark.parametrize("kind", [BlendSettings, SonifySettings])
def test_the_settings_of_a_group_stand_together(kind):
    """The page and the command line show groups, a saved run has the fields: one order for all."""
    grouped = [each.name for settings in groups_in(kind).values() for each in settings]
    assert grouped == list(settings_in(kind))


@pytest.mark.parametrize("kind", [BlendSettings, SonifySettings])
def test_every_setting_has_its_own_label_option_and_help(kind):
    settings = settings_in(kind).values()
    for texts in zip(*((each.label, each.option) for each in settings), strict=True):
        assert len(set(texts)) == len(settings)
    assert all(each.help and not each.help.endswith(".") for each in settings)


@pytest.mark.parametrize("kind", [BlendSettings, SonifySettings])
def test_the_docstring_says_what_each_setting_is(kind):
    lines = kind.__doc__.splitlines()
    assert lines[lines.index("Parameters") + 1] == "-" * len("Parameters")
    for name, each in settings_in(kind).items():
        (place,) = (k for k, line in enumerate(lines) if line.startswith(f"{name} : "))
        assert each.help in lines[place + 1]


def test_a_docstring_has_kinds_choices_and_bounds():
    assert Tea.__doc__ == (
        "How tea is made.\n"
        "\n"
        "Parameters\n"
        "----------\n"
        "minutes : float, default 3.0\n"
        "    The pot: how long (1 to 9).\n"
        "leaf : {'black', 'herb'}, default 'black'\n"
        "    The pot: of which plant.\n"
        "cups : int or None, default None\n"
        "    The table: auto is as many as guests.\n"
        "is_sweet : bool, default False\n"
        "    The table: add sugar."
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("minutes", "4.5", 4.5),
        ("leaf", "herb", "herb"),
        ("leaf", "mint", "herb"),
        ("cups", "2", 2),
        ("cups", "auto", None),
        ("is_sweet", "True", True),
        ("is_sweet", "False", False),
    ],
)
def test_a_text_spells_a_value(name, text, value):
    assert TEA[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("minutes", "auto"), ("minutes", "long"), ("cups", "2.5"), ("is_sweet", "yes")],
)
def test_a_text_that_spells_no_value_is_refused(name, text):
    with pytest.raises(ValueError):
        TEA[name].parse(text)


@pytest.mark.parametrize(
    ("former", "current"),
    [
        ({"kind": "black"}, {"leaf": "black"}),
        ({"kind": "mint"}, {"leaf": "herb"}),
        ({"leaf": "mint", "cups": 3}, {"leaf": "herb", "cups": 3}),
        ({"kind": "mint", "leaf": "black"}, {"leaf": "black"}),
        ({"leaf": ["mint"]}, {"leaf": ["mint"]}),
        ({"milk": "mint"}, {"milk": "mint"}),
    ],
)
def test_former_names_and_values_are_brought_up_to_date(former, current):
    assert with_current_names(Tea, former) == current


def test_changes_and_presets_may_use_former_names():
    assert changed_fields(Tea(cups=2), {"kind": "mint"}) == Tea(cups=2, leaf="herb")
    presets = {"strong": {"minutes": 9}}
    assert preset_with(Tea, presets, "strong", {"kind": "mint"}) == Tea(minutes=9.0, leaf="herb")


def test_a_former_value_is_not_one_of_the_choices():
    with pytest.raises(InputError, match="it can be black or herb"):
        Tea(leaf="mint")
