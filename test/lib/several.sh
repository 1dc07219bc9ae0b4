#!/bin/bash
# several.sh JOBS COMMAND... -- FILE...: runs COMMAND FILE for each file, JOBS of them at a time; prints what each said, file after file.
# Fails when one fails.
set -uo pipefail

jobs=$1
shift
command=()
while [ "$1" != -- ]; do
	command+=("$1")
	shift
done
shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
status=0 running=0

for file; do
	if [ $running = "$jobs" ]; then
		wait -n || status=1
		running=$((running - 1))
	fi
	"${command[@]}" "$file" >"$out/$(basename "$file")" 2>&1 </dev/null &
	running=$((running + 1))
done
for (( ; running > 0; running--)); do
	wait -n || status=1
done
for file; do
	cat "$out/$(basename "$file")"
done
exit $status
