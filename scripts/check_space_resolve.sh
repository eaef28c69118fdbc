#!/bin/sh
# Checks, without installing, that requirements.txt resolves as a Space installs it: for Python
# 3.12, from wheels, beside gradio[oauth,mcp] (at our pin) and spaces.
#
# fast-deps reads a wheel's metadata instead of downloading the wheel; torch and its CUDA packages
# would be 2 GB otherwise. Markers such as python_version are still those of the running Python.
set -eu
cd "$(dirname "$0")/.."

target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
echo "Resolving requirements.txt for Python 3.12 beside gradio[oauth,mcp] and spaces."
.venv/bin/python -m pip install --dry-run --ignore-installed --quiet --disable-pip-version-check \
    --use-feature=fast-deps --python-version 3.12 --only-binary=:all: --target "$target" \
    --report "$target/report.json" -r requirements.txt 'gradio[oauth,mcp]' spaces
.venv/bin/python - "$target/report.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as file:
    packages = [item["metadata"] for item in json.load(file)["install"]]
found = {package["name"]: package["version"] for package in packages}
print(f"Resolved {len(found)} packages: gradio {found['gradio']}, spaces {found['spaces']}, ...")
PYTHON
