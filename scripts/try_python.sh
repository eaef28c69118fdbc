#!/bin/sh
# Tries the package on Python $1, such as 3.12: installs it into an empty virtual environment, as
# `pip install .` does for anybody, imports every module, and runs the command and the README's
# example in an empty folder. Says so and does nothing where that Python is not on the machine, or
# is the one that .venv has, on which all tests run.
#
# The environment lies in .venv for as long as the trial takes, not in /tmp: it needs 6 GB, and
# /tmp may be memory.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
version=$1

of_the_tests=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "$version" = "$of_the_tests" ]; then
    echo "Python $version is that of .venv, on which all tests run."
    exit 0
fi

python=
for each in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
    if "$each" -c 'import venv; from ensurepip import bootstrap' 2>/dev/null; then
        python=$each
    fi
done
if [ -z "$python" ]; then
    echo "NOT TRIED: there is no Python $version that can make virtual environments here."
    exit 0
fi

trial=$root/.venv/trial
rm -rf "$trial"
trap 'rm -rf "$trial"' EXIT
"$python" -m venv "$trial/env"
echo "Installing MOSS for $("$trial/env/bin/python" --version)."
"$trial/env/bin/python" -m pip install --quiet --disable-pip-version-check .

mkdir "$trial/work"
ln -s "$root/examples" "$trial/work/examples"
cd "$trial/work"
unset PYTHONPATH
echo "Importing every module."
"$trial/env/bin/python" - <<'PYTHON'
from importlib import import_module
from pkgutil import walk_packages

import moss

for module in walk_packages(moss.__path__, "moss."):
    if module.name != "moss.__main__":  # it runs the command line
        import_module(module.name)
PYTHON
echo "Running moss and the README's example."
"$trial/env/bin/moss" --version
sed -n '/^## In Python/,/^## /{/^```python/,/^```/p}' "$root/README.md" | sed '/^```/d' |
    "$trial/env/bin/python" - >/dev/null
echo "Tried on $("$trial/env/bin/python" --version): it works."
