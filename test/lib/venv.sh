#!/bin/bash
# venv.sh NAME: makes the Python environment of test/NAME in build/NAME, once for each requirements.txt; prints the path of its python.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
requirements=$top/test/$1/requirements.txt
venv=$top/build/$1
stamp=$venv/.requirements

if ! cmp -s "$requirements" "$stamp"; then
	rm -rf "$venv"
	python3 -m venv "$venv" >&2
	"$venv/bin/pip" install --quiet --disable-pip-version-check --retries 10 --timeout 60 -r "$requirements" >&2
	cp "$requirements" "$stamp"
fi
echo "$venv/bin/python"
