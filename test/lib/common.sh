# common.sh - what test/run, test/matrix, demo and bench/run share: messages, the unprivileged user that PostgreSQL
# insists on, a copy of the tree to build in. To be sourced; expects bash with set -euo pipefail and $top, the checkout.

die()
{
	echo "error: $1" >&2
	if [ -n "${2:-}" ]; then
		echo "hint: $2" >&2
	fi
	exit 1
}

# PostgreSQL refuses to run as root: root works as this user instead, everybody else as themselves.
work_user()
{
	if [ "$(id -u)" = 0 ]; then
		echo "${COSERV_USER:-postgres}"
	else
		id -un
	fi
}

# as_user COMMAND...: run it as the unprivileged user, in the current folder and with the current environment.
as_user()
{
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$(work_user)" -- "$@"
	else
		"$@"
	fi
}

# as_root COMMAND...: run it as root, through sudo where needed.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "root is needed for: $*" "run that line as root, or install sudo, and start again"
	fi
}

# Nothing that the caller's shell says about PostgreSQL or the locale may change what is run.
clean_environment()
{
	local name

	for name in $(compgen -e PG || true); do
		[ "$name" = PG_CONFIG ] || unset "$name"
	done
	unset MAKEFLAGS MAKEOVERRIDES MAKELEVEL PERL5LIB LANGUAGE
	export LC_ALL=C
	umask 022
}

# copy_tree FROM TO: the sources as they lie there, without what was built from them.
copy_tree()
{
	mkdir -p "$2"
	tar -C "$1" -cf - --anchored --exclude=./.git --exclude=./build --exclude=./.demo --exclude=./results \
		--exclude=./tmp_check --no-wildcards-match-slash --exclude='./coserv--*.sql' \
		--no-anchored --exclude='*.o' --exclude='*.so' --exclude='*.bc' . | tar -C "$2" -xf -
}

# The corpus of files that nobody on this project wrote: beside the checkout, or where COSERV_CORPUS says. Empty when absent.
corpus_dir()
{
	local dir=${COSERV_CORPUS:-$top/../shared/corpus}

	if [ -f "$dir/MANIFEST.tsv" ]; then
		(cd "$dir" && pwd)
	fi
}
