#!/bin/bash
# Makes the Python environment of test/interop in build/interop, once for each requirements.txt; prints the path of its python.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=${INTEROP_VENV:-$here/../../build/interop}
stamp=$venv/.requirements

if ! cmp -s "$here/requirements.txt" "$stamp"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check --retries 10 --timeout 60 -r "$here/requirements.txt" >&2
	cp "$here/requirements.txt" "$stamp"
fi
echo "$venv/bin/python"
