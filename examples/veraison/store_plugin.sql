-- What a store plug-in of Veraison's VTS needs (services pull request 435), a statement a method, prepared: psql -v store=rim. The plug-in
-- answers "not found" where the list is empty; that is its convention.
\if :{?store}
\else
\set store rim
\endif

-- GetValueTriples(environment-map, label, exact): a CBOR array of triples. exact is "=": what the environment does not name is not there.
PREPARE get_value_triples (bytea) AS
	SELECT format('[%s]', string_agg(coserv.cbor_diag(t.triple), ', ' ORDER BY t.manifest, t.ordinal))::coserv.cbor::bytea AS triples
	FROM :"store".current_triple t WHERE t.kind IN (0, 1) AND t.environment OPERATOR(coserv.@>) coserv.environment($1);
PREPARE get_value_triples_exact (bytea) AS
	SELECT format('[%s]', string_agg(coserv.cbor_diag(t.triple), ', ' ORDER BY t.manifest, t.ordinal))::coserv.cbor::bytea AS triples
	FROM :"store".current_triple t WHERE t.kind IN (0, 1) AND t.environment OPERATOR(coserv.=) coserv.environment($1);

-- GetKeyTriples, for which VTS asks with exact = false.
PREPARE get_key_triples (bytea) AS
	SELECT format('[%s]', string_agg(coserv.cbor_diag(t.triple), ', ' ORDER BY t.manifest, t.ordinal))::coserv.cbor::bytea AS triples
	FROM :"store".current_triple t WHERE t.kind IN (2, 3) AND t.environment OPERATOR(coserv.@>) coserv.environment($1);
PREPARE get_key_triples_exact (bytea) AS
	SELECT format('[%s]', string_agg(coserv.cbor_diag(t.triple), ', ' ORDER BY t.manifest, t.ordinal))::coserv.cbor::bytea AS triples
	FROM :"store".current_triple t WHERE t.kind IN (2, 3) AND t.environment OPERATOR(coserv.=) coserv.environment($1);

-- ExecuteCoservQuery(media type, query in base64url)
PREPARE execute_coserv_query (text) AS
	SELECT :"store".execute(decode(translate($1, '-_', '+/') || repeat('=', (4 - length($1) % 4) % 4), 'base64')::coserv.coserv)::bytea AS result;

-- AddCorimBytes(bytes, label, activate): no row is an error; refused says why
PREPARE add_corim_bytes (bytea) AS
	SELECT id, refused, detail, hint FROM :"store".try_load($1);
