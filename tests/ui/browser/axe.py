"""axe-core's verdict on a page: what keeps people out of it."""

import os
from pathlib import Path

import pytest

AXE = Path(__file__).parents[3] / "node_modules/axe-core/axe.min.js"
GRAVE = {"serious", "critical"}
RUN = """async ([include, exclude]) => {
    const found = await axe.run({include, exclude}, {resultTypes: ['violations']});
    return found.violations;
}"""


def violations(page, include: str = "body", exclude: tuple[str, ...] = ()) -> list[str]:
    """Return a line for each element that axe-core finds seriously or critically inaccessible.

    `include` and `exclude` are CSS selectors of the parts of `page` to judge and to leave out.
    Skips where axe-core is not fetched, fails there in CI.
    """
    if not AXE.exists():
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("There is no axe-core; 'sh scripts/prepare_node.sh' (it needs npm) brings it.")
    page.add_script_tag(path=AXE)
    found = page.evaluate(RUN, [[include], [[each] for each in exclude]])
    return [
        f"{rule['impact']}: {rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
