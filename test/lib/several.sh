#!/bin/bash
# several.sh JOBS COMMAND... -- FILE...: runs COMMAND FILE for each file, JOBS of them at a time; prints what each said, file after file,
# and those that failed last. Fails when one fails.
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
failed=() running=0

run_one()
{
	"${command[@]}" "$1" </dev/null >"$out/$(basename "$1")" 2>&1
	echo $? >"$out/$(basename "$1").status"
}

for file; do
	if [ $running = "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	run_one "$file" &
	running=$((running + 1))
done
wait
for file; do
	if [ "$(cat "$out/$(basename "$file").status")" != 0 ]; then
		failed+=("$file")
	else
		cat "$out/$(basename "$file")"
	fi
done
for file in "${failed[@]}"; do
	cat "$out/$(basename "$file")"
	echo "$file ended with status $(cat "$out/$(basename "$file").status")"
done
[ ${#failed[@]} = 0 ]
