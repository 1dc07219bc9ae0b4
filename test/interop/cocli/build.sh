#!/bin/bash
# Veraison's cocli, from the Go module that go.mod requires; made once a user, and its path printed. COSERV_COCLI names one that is there.
set -euo pipefail

if [ -n "${COSERV_COCLI:-}" ]; then
	echo "$COSERV_COCLI"
	exit
fi
cd "$(dirname "$0")"
to=${TMPDIR:-/tmp}/coserv-cocli-$(id -u)
mkdir -p "$to"
if ! cmp -s go.sum "$to/go.sum"; then
	cp go.mod go.sum tools.go "$to"
	if ! (cd "$to" && GOPATH=$to/go GOCACHE=$to/cache GOFLAGS=-modcacherw go build -o cocli github.com/veraison/corim/cocli >&2); then
		rm -f "$to/go.sum"
		exit 1
	fi
fi
echo "$to/cocli"
