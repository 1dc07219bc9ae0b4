# demo.sh - the steps of ./demo. Needs common.sh, packages.sh, postgres.sh, and the arrays files and keys.

# What the gateway is asked, in EDN, when load_own found something to ask about; else it is asked the examples' queries.
query=
refused=0
url=
page=

examples=$top/examples

# Where it lies: .demo in the checkout, unless the unprivileged user cannot get there (a checkout under /root), or the path has what make
# cannot have in the names of files (a space).
demo_folder()
{
	local user elsewhere

	demo=$top/.demo
	elsewhere=/var/tmp/coserv-demo-$(id -u)-$(printf '%s' "$top" | cksum | cut -d ' ' -f 1)
	case $top in
		*[!A-Za-z0-9_./+-]*) demo=$elsewhere ;;
	esac
	if [ "$(id -u)" = 0 ]; then
		# Before PostgreSQL is installed its user is not there; nobody can get wherever that user can.
		user=$(work_user)
		id "$user" >/dev/null 2>&1 || user=nobody
		runuser -u "$user" -- test -x "$top" || demo=$elsewhere
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
		"coserv.signing_keys_file = '$demo/keys/signing-keys'" "log_min_error_statement = panic"
	start_cluster "$demo"
	as_user "$pg_bin/createuser" -h "$sock" -p "$port" -U postgres demo
	as_user "$pg_bin/createdb" -h "$sock" -p "$port" -U postgres -O demo demo
}

demo_start()
{
	# Not -p: in a folder that others may write to, what lies there already is not ours.
	mkdir "$demo" || die "cannot make $demo" "clone into a folder that you may write to"
	case $sock in
		"$demo"/*) ;;
		*) mkdir "$sock" || die "cannot make $sock" "remove it, or clone into a folder with a shorter path" ;;
	esac
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
	echo "demo rim demo signing $demo/keys/result-signer.key" | as_user sh -c 'umask 077; cat >"$1"' sh "$demo/keys/signing-keys"
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
	(cd / && PGOPTIONS='-c client_min_messages=warning' as_user "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 \
		-h "$sock" -p "$port" -U demo -d demo "$@")
}

# show SQL [LINES]: the statement as a person would type it, and what it answers: a table, or with LINES the first of that many
# lines of one text.
show()
{
	local format=(-P pager=off -P footer=off)

	[ -z "${2:-}" ] || format=(-A -t)
	echo "$1" | sed -e 's/^/    demo=> /' -e "s#$demo/src/##"
	if ! echo "$1" | db "${format[@]}" >"$demo/out" 2>"$demo/err"; then
		sed 's/^/    /' "$demo/err" >&2
		die "the database refused the statement above" "see $demo/server.log; ./demo stop removes everything"
	fi
	sed 's/^/    /' "$demo/err"
	brief "${2:-1000}" <"$demo/out"
}

# brief LINES: the first of them, twelve at most but with --long, none wider than a screen, and how many more there were.
brief()
{
	local most=$1

	if [ -z "$long" ] && [ "$most" -gt 12 ]; then
		most=12
	fi
	awk -v most="$most" '
		NR <= most { print "    " (length($0) > 140 ? substr($0, 1, 136) " ..." : $0) }
		END { if (NR > most) printf "    ... and %d lines more\n", NR - most }'
}

# value: the one value that the statement on standard input answers.
value()
{
	db -A -t >"$demo/out" 2>"$demo/err" || {
		sed 's/^/    /' "$demo/err" >&2
		die "the database refused the last step" "see above and $demo/server.log; ./demo stop removes everything"
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
	show "ALTER DATABASE demo SET search_path = public, coserv;"
	show "SELECT coserv.create_store('rim');"
}

# trust NAME KEYFILE [SHOWN_AS]
trust()
{
	{
		printf "INSERT INTO rim.authority (name, key, shown_as) VALUES ('%s', " "${1//\'/\'\'}"
		if grep -qI . "$2"; then
			text_literal "$2"
		else
			bytes_literal "$2"
		fi
		printf ", %s) ON CONFLICT DO NOTHING;\n" "${3:-NULL}"
	} | value >/dev/null
}

# sign_and_load EXAMPLE SIGNER: signs the document in EDN, keeps it in signed/ and loads it.
sign_and_load()
{
	local out=$demo/signed/$1.corim size

	{
		printf "SELECT sign("
		text_literal "$examples/$1.edn"
		printf "::corim, "
		text_literal "$demo/keys/$2.key"
		printf ", '%s')::bytea;" "$2"
	} | value | perl -ne 'chomp; print pack("H*", substr($_, 2))' >"$out"
	size=$(stat -c %s "$out")
	{
		printf "SELECT rim.load("
		bytes_literal "$out"
		printf ");"
	} | value >/dev/null
	echo "    $1.edn, signed by $2: $size bytes"
}

# The keys of the PSA pair are made anew each time; the draft's appraisal names those authorities by these thumbprints.
load_examples()
{
	step "registering the authorities of the examples; their keys were just made"
	trust ACME "$demo/keys/acme.pem"
	trust Northlight "$demo/keys/certifier.pem"
	trust "PSA manufacturer" "$demo/keys/psa-manufacturer.pem" \
		"'559([\"sha-256\", h''482e829ad29ac6ea6eda2d47d1d93a002bf41d9d88710ba972c36e59038f78b3''])'"
	trust "PSA certifier" "$demo/keys/psa-certifier.pem" \
		"'559([\"sha-256\", h''768ff09154f6aacda857cb175ef29cf9d23ef9c38c69efdbf20354dbfd7875b1''])'"
	step "signing the examples (COSE_Sign1, ES256) and loading them"
	sign_and_load acme-firmware acme
	sign_and_load acme-keys acme
	sign_and_load certifier certifier
	sign_and_load psa-manufacturer psa-manufacturer
	sign_and_load psa-certifier psa-certifier
}

# The files of the corpus that SIGNED.tsv says verify, each with the key that it names; those that are not CoRIMs or are refused
# for another reason are said, with the reason.
load_corpus()
{
	local corpus key file

	corpus=$(corpus_dir)
	if [ -z "$corpus" ] || [ ! -f "$corpus/signed/SIGNED.tsv" ]; then
		step "no corpus beside the checkout (../shared/corpus): going on without it"
		return
	fi
	step "loading the signed files of the corpus, which nobody here wrote"
	awk -F '\t' '$5 == "VERIFIES" && $1 ~ /^signed\// { print $1 "\t" $4 }' "$corpus/signed/SIGNED.tsv" >"$demo/corpus.list"
	for key in $(cut -f 2 "$demo/corpus.list" | sort -u); do
		trust "corpus $(basename "$key" .pem)" "$corpus/$key"
	done
	while IFS=$'\t' read -r file _; do
		printf '\\echo @ %s\nSELECT rim.load(' "$(basename "$file")"
		bytes_literal "$corpus/$file"
		printf ');\n'
	done <"$demo/corpus.list" | db -A -t -v ON_ERROR_STOP=0 >"$demo/corpus.out" 2>&1 || true
	awk '
		/^@ / { name = substr($0, 3); files++; next }
		/^[0-9a-f-]+$/ { loaded++; if (!($0 in seen)) { seen[$0]; distinct++ }; next }
		/ERROR: / { sub(/^.*ERROR: */, ""); refused[$0]++; example[$0] = name }
		END {
			printf "    %d files that verify, of which %d were loaded, as %d different documents\n", files, loaded, distinct
			for (why in refused)
				printf "    %d refused: %s (%s)\n", refused[why], why, example[why]
		}' "$demo/corpus.out"
}

# query_file FILE: a CoSERV query from the examples, with its annotated result.
query_file()
{
	show "\\set query \`cat $demo/src/examples/$1.edn\`
SELECT describe(rim.execute(:'query'));" 70
}

show_queries()
{
	step "CoSERV query 1: reference values, by class"
	query_file query-class
	step "CoSERV query 2: trust anchors, by instance"
	query_file query-instance
	step "CoSERV query 3: documents, by the ids of a CoRIM and of a CoMID"
	query_file query-rim
	step "the first one signed (COSE_Sign1, ES256, with the key that coserv.signing_keys_file binds to the store)"
	show "\\set query \`cat $demo/src/examples/query-class.edn\`
SELECT describe(rim.execute_signed(:'query')::cbor);" 12
	if [ -s "$demo/corpus.list" ]; then
		show_corpus_queries
	fi
}

# query_for CONDITION: a CoSERV query for the reference values of the first class among those triples; empty when there is none.
query_for()
{
	echo "SELECT format('{0: \"%s\", 1: {0: 2, 1: {0: [[%s]]}, 2: 0}}',
			coalesce(profile, 'tag:acme.example,2026:gateway#1.0.0'), environment::cbor -> 0)
		FROM rim.current_triple AS t WHERE $1 AND kind = 0 AND class_id IS NOT NULL ORDER BY manifest, ordinal LIMIT 1;" | value
}

show_corpus_queries()
{
	local corpus_query

	step "what the corpus brought, in plain SQL"
	show "SELECT authority, profile, kind, count(*) AS triples, count(DISTINCT manifest) AS documents
FROM rim.current_triple WHERE authority LIKE 'corpus %' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;"
	corpus_query=$(query_for "authority LIKE 'corpus %'")
	if [ -n "$corpus_query" ]; then
		step "and by CoSERV: reference values of the first of its classes"
		show "SELECT describe(rim.execute(\$q\$$corpus_query\$q\$));" 45
	fi
}

# The worked appraisal of draft-ietf-rats-corim must end in the ACS that the draft prints.
show_appraisal()
{
	local same

	step "the appraisal that draft-ietf-rats-corim works through: the final ACS"
	show "\\set evidence \`cat $demo/src/examples/psa-evidence.edn\`
SELECT '# ' || cmtype || coalesce(', from the CoRIM of ' || m.authority, '') || E'\n' || describe(ect, 'ECT')
FROM rim.appraise(:'evidence') LEFT JOIN rim.manifest AS m ON m.id = manifest ORDER BY round;" 100
	same=$({
		printf "SELECT array_agg(ect ORDER BY ect) = (SELECT array_agg(e ORDER BY e) FROM cbor_array_elements("
		text_literal "$examples/psa-acs.edn"
		printf ") AS e) FROM rim.appraise("
		text_literal "$examples/psa-evidence.edn"
		printf ");"
	} | value)
	[ "$same" = t ] || die "the ACS is not the one that the draft prints (examples/psa-acs.edn)" "this is a bug in coserv"
	step "that is exactly the ACS that the draft prints (examples/psa-acs.edn)"
}

# What trust over time looks like, a few lines each.
show_life()
{
	local digest=ff6c6ba35ef22ab797fd5c33ec03353d5e9ada70c7c5bae3fc4bb44126dd3dba before

	step "a document that nobody here trusts has signed is refused, and the refusal is on record"
	new_key stranger
	show "\\set firmware \`cat $demo/src/examples/acme-firmware.edn\`
\\set key \`cat $demo/keys/stranger.key\`
SELECT refused, hint FROM rim.try_load(sign(:'firmware', :'key', 'nobody', not_after => '2098-01-01'));"
	step "who vouches for this digest"
	show "SELECT authority, vendor, model, role FROM rim.vouchers('\\x$digest');"
	before=$(echo "SELECT now();" | value)
	step "ACME's key has leaked: revoked, nothing of it is vouched for any more; as of a moment before, it was"
	show "SELECT rim.revoke(authority => 'ACME', reason => 'key leaked') IS NOT NULL AS revoked;"
	show "SELECT count(*) AS now, (SELECT count(*) FROM rim.vouchers('\\x$digest', as_of => '$before')) AS before
		FROM rim.vouchers('\\x$digest');"
	show "SELECT rim.unrevoke(id, 'only a demonstration') IS NOT NULL AS trusted_again FROM rim.revocation WHERE undoes IS NULL;"
}

start_gateway()
{
	as_user setsid -f "$demo/src/build/gateway/coserv-gateway" --listen 127.0.0.1:0 --explore 127.0.0.1:0 --store rim \
		--db "host=$sock port=$port user=demo dbname=demo" --pidfile "$demo/gateway.pid" >"$demo/gateway.log" 2>&1 </dev/null
	for _ in $(seq 100); do
		if grep -q '^listening on ' "$demo/gateway.log"; then
			return
		fi
		sleep 0.1
	done
	cat "$demo/gateway.log"
	return 1
}

show_gateway()
{
	if ! grep -qs '^listening on ' "$demo/gateway.log"; then
		attempt "starting coserv-gateway on a free loopback port" "see $demo/gateway.log" start_gateway
	fi
	address=$(sed -n 's/^listening on //p' "$demo/gateway.log")
	page=http://$(sed -n 's/^exploring on //p' "$demo/gateway.log")/explore
	fetch "$page"
	step "asking it what it serves"
	echo "    \$ curl http://$address/.well-known/coserv-configuration"
	fetch "http://$address/.well-known/coserv-configuration" -H 'Accept: application/coserv-discovery+json'
	sed 's/^/    /' "$demo/body"
	echo
	if [ -n "$query" ]; then
		ask_gateway "the same query" "$query" application/coserv+cbor 25
	else
		ask_gateway "query 1" "$(cat "$examples/query-class.edn")" application/coserv+cbor 25
		ask_gateway "query 2" "$(cat "$examples/query-instance.edn")" application/coserv+cbor 25
		ask_gateway "query 3" "$(cat "$examples/query-rim.edn")" application/coserv+cbor 25
		ask_gateway "query 1, signed" "$(cat "$examples/query-class.edn")" application/coserv+cose 25
	fi
}

# ask_gateway WHAT QUERY TYPE LINES: the query as a client sends it, base64url in the path, and the first lines of what comes back.
ask_gateway()
{
	url=http://$address/coserv/$({
		printf "SELECT rtrim(translate(encode(CAST(\$q\$%s\$q\$ AS coserv)::bytea, 'base64'), E'+/\\n', '-_'), '=');" "$2"
	} | value)
	step "asking it $1"
	echo "    \$ curl -o answer.cbor -H 'Accept: $3' $url"
	fetch "$url" -H "Accept: $3"
	{
		printf "SELECT describe(CAST("
		bytes_literal "$demo/body"
		printf " AS cbor));"
	} | value | brief "$4"
}

# fetch URL OPTION...: the body goes to $demo/body.
fetch()
{
	local status

	status=$(curl -sS --noproxy '*' -o "$demo/body" -w '%{http_code}' "$@") ||
		die "curl could not reach the gateway" "see $demo/gateway.log"
	[ "$status" = 200 ] || die "the gateway answered $status" "see $demo/gateway.log and $demo/server.log"
}

# The documents and keys that the caller named.
load_own()
{
	local key file id

	for key in ${keys[@]+"${keys[@]}"}; do
		step "trusting $key"
		trust "$(basename "$key")" "$key"
	done
	for file in "${files[@]}"; do
		step "loading $file"
		if ! {
			printf "SELECT rim.load("
			bytes_literal "$file"
			printf ");"
		} | db -A -t >"$demo/out" 2>"$demo/err"; then
			sed 's/^psql:[^ ]* //; s/^/    /' "$demo/err"
			refused=$((refused + 1))
			continue
		fi
		sed 's/^psql:[^ ]* //; s/^/    /' "$demo/err"
		id=$(cat "$demo/out")
		show "SELECT authority, signer_name, corim_id, profile, not_after FROM rim.manifest WHERE id = '$id';"
		show "SELECT kind, environment FROM rim.triple WHERE manifest = '$id' ORDER BY ordinal LIMIT 20;"
		[ -n "$query" ] || query=$(query_for "t.manifest = '$id'")
	done
	if [ $refused != 0 ]; then
		echo "==> $refused of ${#files[@]} documents were refused, for the reasons above"
	fi
	if [ -n "$query" ]; then
		step "CoSERV: reference values of the first of its classes"
		show "SELECT describe(rim.execute(\$q\$$query\$q\$));" 70
	fi
}

show_how_to_go_on()
{
	cat <<END
==> it keeps running. Go on with:
    psql -h $sock -p $port -U demo demo
${url:+    curl -o answer.cbor -H 'Accept: application/coserv+cose' $url
}    ./demo FILE.corim... --key KEY.pem
    ./demo stop
END
	if [ -n "$page" ]; then
		step "a page to look into the store: $page"
	fi
}
