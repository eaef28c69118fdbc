#!/bin/sh
# Makes node_modules hold what package-lock.json asks for: the linter of the JavaScript, and
# axe-core, which judges in the browser tests how accessible the page is.
#
# A stamp inside node_modules, named after the content of package-lock.json, tells a later call
# that nothing is left to do.
set -eu
cd "$(dirname "$0")/.."

stamp="node_modules/.installed-$(cksum <package-lock.json | tr ' ' '-')"
[ -e "$stamp" ] && exit 0

command -v npm >/dev/null || {
    echo "There is no npm: on Debian and Ubuntu 'sudo apt install nodejs npm' brings it." >&2
    exit 1
}
echo "Installing package-lock.json into node_modules."
npm ci --silent --no-audit --no-fund
touch "$stamp"
