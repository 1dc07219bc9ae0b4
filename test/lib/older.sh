# older.sh - a PostgreSQL of an older Debian beside the release's own, unpacked into a folder: to upgrade from. Needs packages.sh.
#
# Its programs find their own files relative to themselves; libraries that this release does not have any more lie in PREFIX/lib.

# older_postgres PREFIX MAJOR SUITE: fetches and unpacks it, and sets older_config to its pg_config.
older_postgres()
{
	local prefix=$1 major=$2 suite=$3 apt=$1/apt options

	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$prefix/lib"
	: >"$apt/status"
	echo "deb ${DEBIAN_MIRROR:-http://deb.debian.org/debian} $suite main" >"$apt/sources.list"
	options=(-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$apt/lists"
		-o Dir::State::Status="$apt/status" -o Dir::Cache="$apt" -o APT::Sandbox::User=root -o Acquire::Languages=none)
	patiently apt-get -q "${options[@]}" update
	(cd "$apt" && patiently apt-get -q "${options[@]}" download "postgresql-$major" "postgresql-client-$major" \
		"postgresql-server-dev-$major" libpq-dev libpq5 libicu72 libldap-2.5-0)
	for package in "$apt"/*.deb; do
		dpkg-deb -x "$package" "$prefix"
	done
	rm -rf "$apt"
	ln -s "$prefix"/usr/lib/*/libicu*.so.* "$prefix"/usr/lib/*/lib*-2.5.so.* "$prefix/lib/"
	older_config=$prefix/usr/lib/postgresql/$major/bin/pg_config
}
