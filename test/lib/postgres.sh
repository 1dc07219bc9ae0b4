# postgres.sh - a PostgreSQL of our own: a private prefix to install into, private clusters. Needs common.sh, packages.sh.
#
# PostgreSQL finds its libraries and shared files relative to its own program. So a folder with copies of the programs and
# links to everything else is a complete installation, into which `make install` works without root and without touching
# the system's: a production server on this machine never meets a library that is being tested.

# Sets server_config, the installed server's own pg_config (Debian's /usr/bin/pg_config answers for the newest headers).
find_postgres()
{
	local major

	if [ -n "${PG_CONFIG:-}" ]; then
		server_config=$(command -v "$PG_CONFIG") || die "PG_CONFIG=$PG_CONFIG is no program"
	else
		major=$(postgres_major)
		server_config=/usr/lib/postgresql/$major/bin/pg_config
	fi
	[ -x "$("$server_config" --bindir)/postgres" ] ||
		die "no server beside $server_config" "set PG_CONFIG to the pg_config of a PostgreSQL with its server"
	[ -f "$("$server_config" --pgxs)" ] ||
		die "no PGXS for $server_config" "install postgresql-server-dev of that version, or set PG_CONFIG"
}

# link_all FROM TO [EXCEPT]: TO becomes a folder of links to everything in FROM.
link_all()
{
	local entry

	mkdir -p "$2"
	for entry in "$1"/*; do
		[ "$(basename "$entry")" = "${3:-}" ] || ln -sf "$entry" "$2/"
	done
}

# private_prefix DIR: makes the installation in DIR and sets pg_config and pg_bin to it.
private_prefix()
{
	local bindir sharedir libdir includedir common name

	bindir=$("$server_config" --bindir)
	sharedir=$("$server_config" --sharedir)
	libdir=$("$server_config" --pkglibdir)
	includedir=$("$server_config" --includedir)
	# The longest folder that all four lie in: what is relative to it stays so.
	common=$bindir
	while case $sharedir in "$common"/*) false ;; *) true ;; esac ||
		case $libdir in "$common"/*) false ;; *) true ;; esac ||
		case $includedir in "$common"/*) false ;; *) true ;; esac; do
		common=$(dirname "$common")
		[ "$common" != / ] || die "PostgreSQL's folders have nothing in common: $bindir, $sharedir, $libdir"
	done
	pg_bin=$1${bindir#"$common"}
	pg_config=$pg_bin/pg_config
	rm -rf "$1"
	mkdir -p "$pg_bin"
	for name in postgres initdb pg_ctl pg_config psql pg_dump pg_dumpall pg_restore pgbench pg_basebackup pg_isready \
		createdb dropdb createuser pg_upgrade pg_controldata pg_resetwal pg_rewind pg_waldump pg_verifybackup pg_checksums \
		pg_receivewal pg_recvlogical pg_archivecleanup reindexdb vacuumdb; do
		[ ! -e "$bindir/$name" ] || cp -L "$bindir/$name" "$pg_bin/$name"
	done
	link_all "$libdir" "$1${libdir#"$common"}"
	link_all "$sharedir" "$1${sharedir#"$common"}" extension
	link_all "$sharedir/extension" "$1${sharedir#"$common"}/extension"
	# A coserv that the system has must not shine through.
	rm -f "$1${libdir#"$common"}"/coserv.so "$1${sharedir#"$common"}"/extension/coserv*
	mkdir -p "$(dirname "$1${includedir#"$common"}")"
	ln -sfn "$includedir" "$1${includedir#"$common"}"
	[ "$("$pg_config" --pkglibdir)" = "$1${libdir#"$common"}" ] ||
		die "PostgreSQL of $server_config does not relocate" "report this with the output of $server_config"
}

# init_cluster DIR [SETTING...]: a cluster in DIR, which the unprivileged user must own, reachable only by the socket in
# DIR/sock; its superuser is postgres.
init_cluster()
{
	local dir=$1
	shift

	as_user "$pg_bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		return 1
	}
	as_user mkdir -p "$dir/sock"
	{
		echo "unix_socket_directories = '$dir/sock'"
		echo "listen_addresses = ''"
		echo "log_line_prefix = '%m [%p] %q%a '"
		printf '%s\n' "$@"
	} >>"$dir/data/postgresql.conf"
}

# The server outlives who starts it: it inherits no descriptors of the caller's, a lock's or a pipe's.
start_cluster()
{
	(
		for fd in 3 4 5 6 7 8 9; do eval "exec $fd>&-"; done
		as_user "$pg_bin/pg_ctl" -D "$1/data" -l "$1/server.log" -w -s start >"$1/start.log" 2>&1
	) || {
		tail -n 20 "$1/start.log" "$1/server.log" >&2
		return 1
	}
}

stop_cluster()
{
	if [ -f "$1/data/postmaster.pid" ]; then
		as_user "$pg_bin/pg_ctl" -D "$1/data" -m immediate -w -s stop >/dev/null 2>&1 || true
	fi
}
