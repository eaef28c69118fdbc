"""ES modules become one script; what cannot be put together is refused by name."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from moss import ui
from moss.errors import InputError
from moss.results.picks import CHOSEN
from moss.settings.presets import blend_settings
from moss.ui.components.cards.cards import NAMES
from moss.ui.components.part.part import MIN_PART_S
from moss.ui.components.script import SCOPE, script_of

COMPONENTS = Path(ui.__file__).parent / "components"
ENTRIES = sorted(path for path in COMPONENTS.glob("*/*.js") if path.stem == path.parent.name)


@pytest.fixture
def modules(tmp_path):
    """Write modules by name and return the path of the entry, main.js."""

    def write(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return tmp_path / "main.js"

    return write


def test_modules_stand_once_and_before_those_that_need_them(modules):
    entry = modules(
        main='import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\n\n'
        "export function mount() {\n  one(two);\n}\n",
        one='import { two } from "./two.js";\n\nexport function one(x) {\n  return x + two;\n}\n',
        two="const half = 1;\nexport const two = 2 * half;\n",
    )
    script = script_of(entry)
    places = [script.index(text) for text in ("const two", "function one", "function mount")]
    assert places == sorted(places)
    assert script.count("const two") == 1
    assert "import" not in script and "export" not in script
    assert script.startswith('"use strict";')
    assert script.endswith(f"mount({{ {', '.join(SCOPE)} }});\n")


def test_the_script_runs_as_the_body_of_a_function(modules):
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no node.")
    entry = modules(
        main='import { Sum } from "./sum.js";\n\n'
        "export async function mount({ element, props }) {\n"
        "  element(new Sum(props.a, props.b).total);\n}\n",
        sum="export class Sum {\n  constructor(a, b) {\n    this.total = a + b;\n  }\n}\n",
    )
    call = f"Function('element', 'props', {script_of(entry, ('element', 'props'))!r})"
    command = [node, "-e", f"{call}(console.log, {{ a: 3, b: 4 }})"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "7\n"


def test_without_a_scope_mount_is_called_with_nothing(modules):
    assert script_of(modules(main="export function mount() {}\n"), ()).endswith("\nmount();\n")


MOUNT = "export function mount() {}\n"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"main": 'import { x } from "./gone.js";\n' + MOUNT}, "main.js imports ./gone.js, which"),
        (
            {"main": 'import { x } from "./one.js";\n' + MOUNT, "one": "const x = 1;\n"},
            "main.js imports x; ./one.js does not export it",
        ),
        (
            {"main": 'import { x } from "./one.js";\nconst y = 1;\n' + MOUNT,
             "one": "export const x = 1;\nfunction y() {}\n"},
            "one.js and main.js both declare y",
        ),
        (
            {"main": 'import { x } from "./one.js";\n' + MOUNT,
             "one": 'import { mount } from "./main.js";\nexport const x = 1;\n'},
            "circle: main.js -> one.js -> main.js",
        ),
        ({"main": "export const x = 1;\n"}, "main.js does not export mount"),
        ({"main": "const { x, y } = z;\n" + MOUNT}, "main.js unpacks at its top"),
        ({"main": "export default mount;\n" + MOUNT}, "one script: export default mount;"),
        ({"main": 'import * as x from "./one.js";\n' + MOUNT}, "one script: import * as x"),
        ({"main": 'import "./one.js";\n' + MOUNT}, 'one script: import "./one.js"'),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_refused_by_name(modules, texts, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        script_of(modules(**texts))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.stem)
def test_every_component_can_be_put_together(entry):
    assert "mount({" in script_of(entry)


def test_no_component_is_left_out():
    assert [entry.stem for entry in ENTRIES] == [
        *("cards", "live", "painter", "part", "player", "sound"),
    ]


def test_the_shortest_part_is_the_shortest_that_settings_take():
    assert blend_settings("quick", duration_s=MIN_PART_S).duration_s == MIN_PART_S
    with pytest.raises(InputError):
        blend_settings("quick", duration_s=0.99 * MIN_PART_S)


def test_every_chosen_point_has_a_name():
    assert set(NAMES) == set(CHOSEN)
