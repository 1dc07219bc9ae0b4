# packages.sh - the one list of what coserv needs from Debian, and how it gets there. Needs common.sh.

# To build and run the extension, the gateway and the tool, and what ./demo calls.
packages_build="gcc make pkg-config libc6-dev libcbor-dev libssl-dev libevent-dev libpq-dev libcurl4-openssl-dev
	libxmlsec1-dev openssl curl"
# To test: the TAP framework, the second compiler with its sanitizers and fuzzer, an independent COSE library through pip.
packages_test="xmlsec1 libfaketime libipc-run-perl perl clang libclang-rt-dev python3 python3-venv jq nginx-light caddy pgbouncer
	python3-psycopg2"
# To test keys in tokens (PKCS#11), where the release has them: Debian 13 does, 12 has no provider.
packages_test_tokens="softhsm2 pkcs11-provider"
# To look at the page /explore in a browser; where npm is there, axe-core looks too.
packages_test_browser="chromium chromium-driver python3-selenium fonts-dejavu-core"
# To make the folders of test/matrix.
packages_matrix="debootstrap util-linux"

# The major version of PostgreSQL to use: the newest that is installed, else the distribution's. PG_CONFIG overrides both.
postgres_major()
{
	local bin major

	if [ -n "${PG_CONFIG:-}" ]; then
		"$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/'
		return
	fi
	for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5nr); do
		if [ -x "$bin/postgres" ] || [ -x "$bin/pg_config" ]; then
			basename "$(dirname "$bin")"
			return
		fi
	done
	major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	[ -n "$major" ] || return 1
	echo "$major"
}

packages_missing()
{
	local package

	for package in "$@"; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true) in
			*' installed') ;;
			*) echo "$package" ;;
		esac
	done
}

# packages_known PACKAGE...: those that the release has, or none of them.
packages_known()
{
	local package

	for package in "$@"; do
		[ -n "$(apt-cache madison "$package" 2>/dev/null)" ] || return 0
	done
	echo "$@"
}

# apt, with patience for mirrors that hiccup and for another apt that holds the lock.
apt_get()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=5 -o Acquire::http::Timeout=60 -o Acquire::https::Timeout=60 \
		-o DPkg::Lock::Timeout=300 "$@"
}

# patiently COMMAND...: tries up to three times, a while apart.
patiently()
{
	local try

	for try in 1 2 3; do
		if "$@"; then
			return 0
		fi
		if [ $try != 3 ]; then
			echo "failed (try $try of 3), again in $((try * 20)) s: $*"
			sleep $((try * 20))
		fi
	done
	return 1
}

# An index that could not be fetched is a warning to apt: try again, and only then make do with what is there.
apt_update()
{
	patiently apt_get -o APT::Update::Error-Mode=any update || apt_get update
}

# Debian's postgresql-common makes and starts a cluster on port 5432 when a server is first installed, and packages of servers start these.
# That is not ours to do: switch it off while apt runs.
apt_install()
{
	local quiet=/etc/postgresql-common/createcluster.d/coserv-no-main.conf status=0
	local policy=/usr/sbin/policy-rc.d ours=no

	as_root mkdir -p /etc/postgresql-common/createcluster.d
	as_root sh -c "echo 'create_main_cluster = false' > $quiet"
	if [ ! -e $policy ]; then
		ours=yes
		as_root sh -c "printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy"
	fi
	patiently apt_get -y --no-install-recommends install "$@" || status=$?
	[ $ours = no ] || as_root rm -f $policy
	as_root rm -f "$quiet"
	return $status
}

# Nobody waits for what cannot come: without the right to install, or without the host that packages come from, say so at once.
require_apt()
{
	local host

	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "packages are missing, and there is no sudo to install them: $*" "as root: apt-get install $*"
		sudo -n true 2>/dev/null || [ -t 0 ] || die "packages are missing, and sudo wants a password: $*" "sudo apt-get install $*"
	fi
	if [ -z "${http_proxy:-}${https_proxy:-}" ] && ! apt-config dump 2>/dev/null | grep -qi '^Acquire::https\?::proxy'; then
		host=$(apt-get --print-uris update 2>/dev/null | sed -n "s#^'[a-z]*://\([^/:']*\).*#\1#p" | head -n 1)
		[ -z "$host" ] || timeout 20 getent hosts "$host" >/dev/null ||
			die "packages are missing, and there is no network to get them from ($host): $*" "connect, and start again"
	fi
}

# What apt does, a line each step, while all that it says goes to the log.
narrate()
{
	tee -a "$1" | { grep --line-buffered -E '^(Get:|Fetched|Unpacking|Setting up|E:|Err:)' || true; } | cut -c1-130 | sed -u 's/^/    /'
}

# ensure_packages LOG PACKAGE...: installs those that are missing, and PostgreSQL with its headers.
ensure_packages()
{
	local log=$1 major missing updated=no
	shift

	command -v apt-get >/dev/null || die "this is not Debian: no apt-get" \
		"install PostgreSQL 15 or later with its headers, libcbor, OpenSSL 3, libevent and libpq, then see README.md, \"Installation\""
	if ! major=$(postgres_major); then
		require_apt "$@"
		apt_update >>"$log" 2>&1 || die "apt-get update failed" "see $log; is the network there?"
		updated=yes
		major=$(postgres_major) || die "no package postgresql found" "add Debian's main archive to /etc/apt/sources.list"
	fi
	if [ -z "${PG_CONFIG:-}" ]; then
		set -- "$@" "postgresql-$major" "postgresql-client-$major" "postgresql-server-dev-$major"
	fi
	missing=$(packages_missing "$@" | tr '\n' ' ')
	if [ -z "$missing" ]; then
		return 0
	fi
	echo "==> installing what is missing: $missing"
	# shellcheck disable=SC2086
	require_apt $missing
	if [ $updated = no ]; then
		apt_update >>"$log" 2>&1 || die "apt-get update failed" "see $log; is the network there?"
	fi
	# shellcheck disable=SC2086
	apt_install $missing 2>&1 | narrate "$log" || { tail -n 15 "$log" >&2; die "apt-get install failed" "see $log"; }
}
