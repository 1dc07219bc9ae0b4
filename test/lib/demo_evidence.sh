# demo_evidence.sh - the last step of ./demo: a token, what vouches for it, and why another is not vouched for. Needs demo.sh.

# token FILE: a line that reads a token of the project's own making, and the call that makes Evidence of it with the keys that the store
# knows.
token()
{
	echo "\\set token \`cat $demo/src/test/data/evidence/$1.hex\`"
}

show_evidence()
{
	local ects="coserv.evidence_ects('psa', decode(:'token', 'hex'),
	keys => ARRAY(SELECT key FROM rim.evidence_keys('psa', decode(:'token', 'hex'))))"
	local told

	step "a device's token: what its manufacturer says of such devices, and which key is this one's"
	sign_and_load device-token acme
	step "the token as Evidence, verified with the key that the store knows"
	show "$(token psa)
SELECT element::cbor -> 0 AS mkey, element::cbor -> 1 ->> 11 AS name, authority IS NOT NULL AS verified
FROM coserv.evidence('psa', decode(:'token', 'hex'), expected_nonce => decode(repeat('07', 32), 'hex'),
	keys => ARRAY(SELECT key FROM rim.evidence_keys('psa', decode(:'token', 'hex'))));"
	step "who vouches for what it says"
	show "$(token psa)
SELECT v.mkey, v.mval ->> 11 AS name, v.standing, m.authority, m.corim_id
FROM rim.verdict($ects) AS v
LEFT JOIN rim.manifest AS m ON m.id = v.manifest ORDER BY 1, 2;"
	step "another token, of the same device, whose boot loader was changed: why nobody vouches for that"
	show "$(token psa-changed)
SELECT explanation FROM rim.explain($ects)
WHERE NOT matched AND kind = 0 LIMIT 1;" 3
	told=$({
		token psa-changed
		echo "SELECT count(*) FROM rim.explain($ects) WHERE explanation LIKE 'digests is %, manifest acme.example/rim/device-token has %';"
	} | value)
	[ "$told" = 1 ] || die "the changed boot loader was not told of" "this is a bug in coserv"
}
