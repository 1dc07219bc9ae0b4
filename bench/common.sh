# common.sh - what the benchmarks share: a build of the extension in a prefix of its own and a cluster with the database bench, all of it in
# $work and gone at the end. Needs top.
. "$top/test/lib/common.sh"
. "$top/test/lib/packages.sh"
. "$top/test/lib/postgres.sh"

work=

cleanup()
{
	trap - EXIT INT TERM
	if [ -n "$work" ]; then
		as_user "$pg_bin/pg_ctl" -D "$work/data" -m immediate -w -s stop >/dev/null 2>&1 || true
		rm -rf "$work"
	fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

db()
{
	PGOPTIONS="-c client_min_messages=warning" as_user "$pg_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$work/sock" -U postgres -d bench "$@"
}

# built COMMAND...: what it says is only told when it fails.
built()
{
	as_user "$@" >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; die "the build failed" "see what test/run says of it"; }
}

# compile NAME FILE...: the program $work/NAME.
compile()
{
	built cc -std=c11 -D_GNU_SOURCE -O2 -I"$work/src/src" -o "$work/$1" "${@:2}"
}

# prepare SETTING...: sets work and goes there; a copy of the tree in src, the key bench.key with bench.pem, a cluster with these settings.
prepare()
{
	clean_environment
	mkdir -p "$top/build/log"
	# shellcheck disable=SC2086
	ensure_packages "$top/build/log/apt.log" $packages_build
	find_postgres
	work=$(mktemp -d /var/tmp/coserv-bench.XXXXXX)
	chmod 755 "$work"
	copy_tree "$top" "$work/src"
	private_prefix "$work/prefix"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/bench.key" 2>/dev/null
	openssl pkey -in "$work/bench.key" -pubout -out "$work/bench.pem"
	[ "$(id -u)" != 0 ] || chown -hR "$(work_user)" "$work"
	export HOME=$work
	cd "$work"
	echo "==> building" >&2
	built make -C src -j"$(nproc)" with_llvm=no PG_CONFIG="$pg_config"
	built make -C src install with_llvm=no PG_CONFIG="$pg_config"
	echo "==> a private cluster with its defaults${1:+, but $(printf '%s, ' "$@" | sed 's/, $//')}" >&2
	init_cluster "$work" "$@"
	start_cluster "$work"
	as_user "$pg_bin/createdb" -h "$work/sock" -U postgres bench
}
