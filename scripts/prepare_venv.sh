#!/bin/sh
# Makes .venv hold what requirements.txt or requirements-dev.txt ($1) asks for.
#
# A stamp inside .venv, named after the content of the requirement files, tells a later call that
# nothing is left to do. PYTHON names the interpreter that a new .venv is made with.
set -eu
cd "$(dirname "$0")/.."

requirements=$1
python=${PYTHON:-python3}

fail() {
    echo "$1" >&2
    exit 1
}

# requirements-dev.txt includes requirements.txt, so its key covers both.
stamp_for() {
    case $1 in
    requirements.txt) key=$(cksum <requirements.txt) ;;
    *) key=$(cat requirements.txt "$1" | cksum) ;;
    esac
    echo ".venv/.installed-${1%.txt}-$(echo "$key" | tr ' ' '-')"
}

# False for a half-made .venv, and for one whose interpreter the system has since replaced.
venv_works() {
    [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1
}

make_venv() {
    command -v "$python" >/dev/null ||
        fail "MOSS needs Python 3.11 or newer and there is no $python: on Debian and Ubuntu \
'sudo apt install python3 python3-venv' brings it."
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "MOSS needs Python 3.11 or newer and $python is $version: install a newer one \
(on Debian and Ubuntu, for example, python3.12 and python3.12-venv) and name it, as in \
'make run PYTHON=python3.12'."
    # Debian ships the module venv without ensurepip, which its python3.X-venv brings. An emptied
    # folder still imports, so a name from inside it is asked for.
    "$python" -c 'import venv; from ensurepip import bootstrap' 2>/dev/null ||
        fail "$python cannot make virtual environments: on Debian and Ubuntu \
'sudo apt install python$version-venv' brings what is missing."
    echo "Making .venv with Python $version."
    "$python" -m venv --clear .venv
}

venv_works || make_venv
stamp=$(stamp_for "$requirements")
[ -e "$stamp" ] && exit 0

echo "Installing $requirements into .venv (the first time, several minutes and about 6 GB of disk)."
# The old stamps go first: they stop being true as soon as pip changes something.
rm -f .venv/.installed-*
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"
touch "$stamp" "$(stamp_for requirements.txt)"
echo "Installed."
