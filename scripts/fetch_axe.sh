#!/bin/sh
# Puts axe-core, which judges how accessible the page is, into .venv/axe for the browser tests.
set -eu
cd "$(dirname "$0")/.."

version=4.14.1
[ -e ".venv/axe/$version" ] && exit 0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "Fetching axe-core $version."
npm pack --silent --pack-destination "$folder" "axe-core@$version" >/dev/null
tar -xzf "$folder/axe-core-$version.tgz" -C "$folder" package/axe.min.js package/LICENSE
rm -rf .venv/axe
mv "$folder/package" .venv/axe
touch ".venv/axe/$version"
