-- What Intel's TCB infos and identities say of a quote, in one word: the parts that they judge, and the worst of them (doc/vendors.md).

CREATE FUNCTION @store@.tcb_status(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (part text, name text, status text, tcb_date text, advisory_ids text[], generation integer, manifest uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		WITH acs AS MATERIALIZED (
			SELECT a.cmtype, a.manifest, a.ect OPERATOR(coserv.#>) '["environment", 0]'::coserv.cbor OPERATOR(coserv.->>) 2::bigint AS model,
				e.element OPERATOR(coserv.->>) 'element-id' AS mkey, e.element OPERATOR(coserv.->) 'element-claims' AS claims
			FROM coserv.appraise(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, NULL::coserv.crypto_key[]) a,
				LATERAL coserv.cbor_array_elements(a.ect OPERATOR(coserv.->) 'element-list') e (element)
		), platform AS MATERIALIZED (
			SELECT a.model, a.claims OPERATOR(coserv.->>) (-71)::bigint AS tee, (SELECT (t.claims OPERATOR(coserv.#>>) '[-125, 1]'::coserv.cbor)::integer
				FROM acs t WHERE t.cmtype = 'evidence' AND t.model = a.model AND t.mkey = 'tee_tcb_svn') AS module
			FROM acs a WHERE a.cmtype = 'evidence' AND a.mkey IS NULL AND a.model ~ '^[0-9A-F]{12}$' AND a.claims OPERATOR(coserv.->>) (-71)::bigint IS NOT NULL
		), part AS MATERIALIZED (
			SELECT 1 AS place, 'platform' AS part, p.model AS name, p.model, NULL::text AS mkey, 'intel-tcb-info/' || p.tee || '/' || p.model || '/%' AS tag FROM platform p
			UNION ALL
			SELECT 2, 'module', 'TDX_' || pg_catalog.upper(pg_catalog.lpad(pg_catalog.to_hex(p.module), 2, '0')), p.model, 'tdx_module',
				'intel-tcb-info/TDX/' || p.model || '/%' FROM platform p WHERE p.module > 0
			UNION ALL
			SELECT 3, 'qe', CASE p.tee WHEN 'TDX' THEN 'TD_QE' ELSE 'QE' END, p.tee || ' QE TCB', NULL,
				'intel-enclave-identity/' || CASE p.tee WHEN 'TDX' THEN 'TD\_QE' ELSE 'QE' END || '/%' FROM platform p
		), judged AS MATERIALIZED (
			SELECT p.place, p.part, p.name, COALESCE(a.claims OPERATOR(coserv.#>>) '[-88, 0]'::coserv.cbor,
					CASE WHEN EXISTS (SELECT FROM @store@.tags_at(as_of) g WHERE g.tag_id LIKE p.tag) THEN 'no level matches' ELSE 'no collateral' END) AS status,
				a.claims OPERATOR(coserv.->>) (-72)::bigint AS tcb_date,
				ARRAY(SELECT i.id OPERATOR(coserv.#>>) '[]'::coserv.cbor
					FROM coserv.cbor_array_elements(COALESCE(a.claims OPERATOR(coserv.->) (-89)::bigint, '[]'::coserv.cbor)) WITH ORDINALITY i (id, n) ORDER BY i.n) AS advisory_ids,
				(a.claims OPERATOR(coserv.->>) (-86)::bigint)::integer AS generation, a.manifest
			FROM part p LEFT JOIN acs a ON a.cmtype = 'endorsements' AND a.model = p.model AND a.mkey IS NOT DISTINCT FROM p.mkey
				AND a.claims OPERATOR(coserv.->) (-88)::bigint IS NOT NULL
		)
		SELECT j.part, j.name, j.status, j.tcb_date, j.advisory_ids, j.generation, j.manifest FROM (
			SELECT * FROM judged
			UNION ALL
			SELECT 4, 'all', NULL, CASE
					WHEN pg_catalog.bool_or(j.status = 'no level matches') THEN 'no level matches'
					WHEN pg_catalog.bool_or(j.status = 'no collateral') THEN 'no collateral'
					WHEN pg_catalog.bool_or(j.status = 'Revoked') THEN 'Revoked'
					WHEN pg_catalog.bool_or(j.status = 'OutOfDate' AND j.place > 1) THEN
						CASE WHEN pg_catalog.bool_or(j.place = 1 AND j.status LIKE '%Configuration%') THEN 'OutOfDateConfigurationNeeded' ELSE 'OutOfDate' END
					ELSE pg_catalog.min(j.status) FILTER (WHERE j.place = 1) END,
				pg_catalog.min(j.tcb_date), ARRAY(SELECT DISTINCT u.id FROM judged x, pg_catalog.unnest(x.advisory_ids) u (id) ORDER BY u.id), NULL, NULL
			FROM judged j HAVING pg_catalog.count(*) > 0) j
		ORDER BY j.place, j.generation DESC;
	END;
COMMENT ON FUNCTION @store@.tcb_status(coserv.cbor, timestamptz, coserv.crypto_key[]) IS 'What Intel''s collateral in the store says of an SGX or TDX quote: of platform, TDX module and quoting enclave, and the worst of them. "no level matches": the collateral is there and the TCB is below all of it; "no collateral": none that counts is there';

CREATE FUNCTION @store@.tcb_status(format text, evidence bytea, keys coserv.crypto_key[], certificates bytea DEFAULT NULL,
	as_of timestamptz DEFAULT @store@.moment())
	RETURNS TABLE (part text, name text, status text, tcb_date text, advisory_ids text[], generation integer, manifest uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT s.* FROM @store@.tcb_status(coserv.evidence_ects(format, evidence, keys, certificates, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea,
			as_of, false, NULL::coserv.environment[], NULL::coserv.environment), as_of, NULL::coserv.crypto_key[]) s;
	END;
COMMENT ON FUNCTION @store@.tcb_status(text, bytea, coserv.crypto_key[], bytea, timestamptz) IS 'The same of a quote itself, which one of keys or a chain to one of them has to verify';
