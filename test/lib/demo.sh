# demo.sh - the steps of ./demo. Needs common.sh, packages.sh, postgres.sh, and the arrays files and keys.

examples=$top/examples

# Where it lies: .demo in the checkout, unless the unprivileged user cannot get there (a checkout under /root).
demo_folder()
{
	demo=$top/.demo
	if [ "$(id -u)" = 0 ] && id "$(work_user)" >/dev/null 2>&1 && ! as_user test -x "$top"; then
		demo=/var/tmp/coserv-demo-$(id -u)
	fi
	sock=$demo/sock
	# The path of a Unix socket has at most 107 bytes.
	if [ ${#sock} -gt 85 ]; then
		sock=/tmp/coserv-demo-$(id -u)
	fi
}

demo_running()
{
	[ -f "$demo/port" ] && [ -S "$sock/.s.PGSQL.$(cat "$demo/port")" ] && [ -f "$demo/data/postmaster.pid" ]
}

demo_attach()
{
	pg_bin=$(dirname "$(find "$demo/prefix" -name pg_ctl)")
	port=$(cat "$demo/port")
	step "the demo in $demo is running: going on with it"
}

demo_stop()
{
	local pg_ctl

	if [ -f "$demo/gateway.pid" ]; then
		as_user kill -TERM "$(cat "$demo/gateway.pid")" 2>/dev/null || true
	fi
	pg_ctl=$(find "$demo/prefix" -name pg_ctl 2>/dev/null || true)
	if [ -n "$pg_ctl" ] && [ -f "$demo/data/postmaster.pid" ]; then
		as_user "$pg_ctl" -D "$demo/data" -m immediate -w -s stop >/dev/null 2>&1 || true
	fi
	rm -rf "$demo"
	case $sock in
		"$demo"/*) ;;
		*) rm -rf "$sock" ;;
	esac
}

step()
{
	echo "==> $*"
}

# attempt WHAT HINT COMMAND...: what the command says goes to the log; when it fails, its end is shown and what to do. Not to
# be called in a condition: `set -e` would not hold in a function.
attempt()
{
	local what=$1 hint=$2 status
	shift 2

	step "$what"
	echo "==> $what" >>"$demo/log"
	set +e
	(
		set -e
		"$@"
	) >>"$demo/log" 2>&1 </dev/null
	status=$?
	set -e
	if [ $status != 0 ]; then
		tail -n 30 "$demo/log" | { grep -vE '^[a-z0-9_-]*(gcc|clang)[0-9.-]* ' || true; } | tail -n 15 | sed 's/^/    | /' >&2
		die "failed: $what" "$hint (the whole log: $demo/log)"
	fi
}

build()
{
	cd "$demo/src"
	as_user make -j"$(nproc)" with_llvm=no PG_CONFIG="$pg_config"
	as_user make install with_llvm=no PG_CONFIG="$pg_config"
	as_user make -C gateway -j"$(nproc)" PG_CONFIG="$pg_config"
}

# A port that nothing listens on: only the name of a socket here, but never the default one.
choose_port()
{
	port=$((20000 + RANDOM % 30000))
	while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
}

make_cluster()
{
	init_cluster "$demo" "unix_socket_directories = '$sock'" "port = $port" "wal_level = logical" \
		"coserv.signing_key_file = '$demo/keys/result-signer.key'" "log_min_error_statement = panic"
	start_cluster "$demo"
	as_user "$pg_bin/createuser" -h "$sock" -p "$port" -U postgres demo
	as_user "$pg_bin/createdb" -h "$sock" -p "$port" -U postgres -O demo demo
}

demo_start()
{
	if ! mkdir -p "$demo"; then
		die "cannot make $demo" "clone into a folder that you may write to"
	fi
	: >"$demo/log"
	step "looking for what is missing"
	# shellcheck disable=SC2086
	ensure_packages "$demo/log" $packages_build
	find_postgres
	step "everything is in $demo, run by $(work_user) with $("$server_config" --version)"
	copy_tree "$top" "$demo/src"
	private_prefix "$demo/prefix"
	mkdir -p "$demo/home" "$demo/keys" "$demo/signed" "$sock"
	chmod 700 "$demo/keys" "$sock"
	chmod 755 "$demo"
	export HOME=$demo/home
	[ "$(id -u)" != 0 ] || chown -hR "$(work_user)" "$demo" "$sock"
	attempt "building the extension and the gateway" "look for the first error in the log; a package may be older than coserv needs" build
	choose_port
	for name in result-signer acme certifier psa-manufacturer psa-certifier; do
		new_key "$name"
	done
	attempt "starting a private PostgreSQL: socket $sock, port $port" "./demo stop, and try again" make_cluster
	echo "$port" >"$demo/port"
}

new_key()
{
	as_user openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$demo/keys/$1.key" 2>>"$demo/log"
	as_user openssl pkey -in "$demo/keys/$1.key" -pubout -out "$demo/keys/$1.pem" 2>>"$demo/log"
}

# db [PSQL OPTION...]: the demo's database as its owner, who is no superuser.
db()
{
	(cd / && PGOPTIONS='-c client_min_messages=warning' as_user "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$sock" -p "$port" -U demo -d demo "$@")
}

# show SQL: the statement as a person would type it, and what it answers.
show()
{
	echo "$1" | sed -e 's/^/    demo=> /'
	if ! echo "$1" | db -P pager=off -P footer=off >"$demo/out" 2>&1; then
		sed 's/^/    /' "$demo/out" >&2
		die "failed: the statement above" "see $demo/server.log; ./demo stop removes everything"
	fi
	sed 's/^/    /' "$demo/out"
}

# value: the one value that the statement on standard input answers.
value()
{
	db -A -t >"$demo/out" 2>&1 || {
		sed 's/^/    /' "$demo/out" >&2
		return 1
	}
	cat "$demo/out"
}

# Files as SQL literals: as text, and as bytes.
text_literal()
{
	printf "'"
	sed "s/'/''/g" "$1"
	printf "'"
}

bytes_literal()
{
	printf "'\\\\x"
	od -An -v -tx1 "$1" | tr -d ' \n'
	printf "'"
}

demo_store()
{
	step "creating the extension and a store, as the role demo, which is no superuser"
	show "CREATE EXTENSION coserv;"
	show "SELECT coserv.create_store('rim');"
}
