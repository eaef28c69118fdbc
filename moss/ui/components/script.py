"""One script for a component of the page, made from the ES modules of its folder.

Gradio runs a component's script as the body of a function, which can neither import nor export,
and a page that asks for no module by itself needs no further request. So the modules are put
together here, without their imports and exports, in the order in which they need each other.
"""

import re
from pathlib import Path

# What gradio gives the script of a component.
SCOPE = ("element", "props", "trigger", "watch", "upload")

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const|let) )", re.MULTILINE)
_DECLARED = re.compile(
    r"^(export )?(?:async )?(?:class|function|const|let|var) (\w+|[\[{])", re.MULTILINE
)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def script_of(entry: Path, scope: tuple[str, ...] = SCOPE) -> str:
    """Return the module `entry` and all that it imports as the body of one function.

    Parameters
    ----------
    entry
        An ES module that exports the function `mount`. The modules import each other by relative
        paths, as in `import { one, other } from "./module.js";`, and export by declarations.
    scope
        Names that the body finds around it; `mount` is called with an object of them at the end.

    Raises
    ------
    ValueError
        If a module or a name that is imported does not exist, if modules import each other in a
        circle, if two of them declare the same name at their top, or if one imports, exports or
        declares in a way that cannot be put together.
    """
    bodies: dict[Path, str] = {}
    _collect(entry.resolve(), bodies, ())
    owners: dict[str, Path] = {}
    for module, text in bodies.items():
        for _, name in _DECLARED.findall(text):
            if name in "[{":
                raise ValueError(f"{module.name} unpacks at its top; declare each name by itself.")
            if name in owners:
                raise ValueError(f"{owners[name].name} and {module.name} both declare {name}.")
            owners[name] = module
    if "mount" not in _exports(entry.read_text(encoding="utf-8")):
        raise ValueError(f"{entry.name} does not export mount.")
    call = f"mount({{ {', '.join(scope)} }});\n" if scope else "mount();\n"
    return "\n".join(['"use strict";', *bodies.values(), call])


def _collect(module: Path, bodies: dict[Path, str], importers: tuple[Path, ...]) -> None:
    """Add the text of `module` to `bodies` after those of the modules that it imports."""
    if module in importers:
        names = " -> ".join(path.name for path in (*importers, module))
        raise ValueError(f"Modules import each other in a circle: {names}.")
    if module in bodies:
        return
    text = module.read_text(encoding="utf-8")
    for names, target in _IMPORT.findall(text):
        wanted = (module.parent / target).resolve()
        if not wanted.is_file():
            raise ValueError(f"{module.name} imports {target}, which does not exist.")
        exports = _exports(wanted.read_text(encoding="utf-8"))
        for name in filter(None, map(str.strip, names.split(","))):
            if name not in exports:
                raise ValueError(f"{module.name} imports {name}; {target} does not export it.")
        _collect(wanted, bodies, (*importers, module))
    text = _EXPORT.sub("", _IMPORT.sub("", text))
    if left := _LEFT.search(text):
        raise ValueError(f"{module.name} cannot be put into one script: {left[0]}")
    bodies[module] = text


def _exports(text: str) -> set[str]:
    return {name for exported, name in _DECLARED.findall(text) if exported}
