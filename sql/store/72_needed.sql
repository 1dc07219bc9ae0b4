-- Which collateral of vendors a piece of Evidence asks for, whether it is here, and under which name its vendor serves it (doc/vendors.md).

CREATE FUNCTION @store@.needed(format text, evidence bytea, certificates bytea DEFAULT NULL, as_of timestamptz DEFAULT @store@.moment())
	RETURNS TABLE (what text, name text, source text, standing text, not_after timestamptz, manifest uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		WITH element AS MATERIALIZED (
			SELECT x.environment::pg_catalog.bytea::coserv.cbor AS environment, x.element::pg_catalog.bytea::coserv.cbor OPERATOR(coserv.#>>) '[0]'::coserv.cbor AS mkey,
				x.element::pg_catalog.bytea::coserv.cbor OPERATOR(coserv.#>) '[1]'::coserv.cbor AS mval
			FROM coserv.evidence(format, evidence, NULL::coserv.crypto_key[], certificates, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea, as_of, true,
				NULL::coserv.environment[], NULL::coserv.environment) x
		), intel AS MATERIALIZED (
			SELECT e.environment OPERATOR(coserv.#>>) '[0, 2]'::coserv.cbor AS fmspc, pg_catalog.upper(format) AS tee,
				CASE WHEN e.mval OPERATOR(coserv.->) (-101)::bigint IS NULL THEN 'processor' ELSE 'platform' END AS ca
			FROM element e WHERE format IN ('sgx', 'tdx') AND e.mkey IS NULL AND e.mval OPERATOR(coserv.->) (-125)::bigint IS NOT NULL
		), report AS MATERIALIZED (
			SELECT pg_catalog.bool_or(e.environment OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor LIKE '%0302%') AS vlek,
				pg_catalog.max(pg_catalog.encode(coserv.cbor_bytes(e.environment OPERATOR(coserv.#>) '[1]'::coserv.cbor), 'hex')) AS instance,
				pg_catalog.max(pg_catalog.substring(e.mval OPERATOR(coserv.#>>) '[1]'::coserv.cbor, '[0-9]+\)?$')) FILTER (WHERE e.mkey = '647') AS tcb,
				pg_catalog.max((e.mval OPERATOR(coserv.#>>) '[15]'::coserv.cbor)::integer) FILTER (WHERE e.mkey = '648') AS family,
				pg_catalog.max((e.mval OPERATOR(coserv.#>>) '[15]'::coserv.cbor)::integer) FILTER (WHERE e.mkey = '649') AS cpu
			FROM element e WHERE format = 'sev-snp' HAVING pg_catalog.count(*) > 0
		), tcb AS MATERIALIZED (
			SELECT r.*, b.bytes[1] AS b0, b.bytes[2] AS b1, b.bytes[3] AS b2, b.bytes[4] AS b3, b.bytes[7] AS b6, b.bytes[8] AS b7, p.product
			FROM report r,
				LATERAL (SELECT ARRAY(SELECT pg_catalog.mod(pg_catalog.div(pg_catalog.rtrim(r.tcb, ')')::numeric, pg_catalog.pow(256::numeric, i::numeric)), 256::numeric)::integer
					FROM pg_catalog.generate_series(0, 7) i ORDER BY i) AS bytes) b,
				LATERAL (SELECT CASE WHEN r.family = 25 AND r.cpu < 16 THEN 'Milan' WHEN r.family = 25 AND (r.cpu < 32 OR r.cpu BETWEEN 160 AND 175) THEN 'Genoa'
					WHEN r.family = 26 AND r.cpu < 18 THEN 'Turin' END AS product) p
		), spl AS MATERIALIZED (
			SELECT t.*, CASE WHEN t.product = 'Turin' THEN pg_catalog.concat_ws('.', t.b1, t.b2, t.b3, t.b7, t.b0) ELSE pg_catalog.concat_ws('.', t.b0, t.b1, t.b6, t.b7) END AS spls,
				CASE WHEN t.product = 'Turin' THEN pg_catalog.format('blSPL=%s&teeSPL=%s&snpSPL=%s&ucodeSPL=%s&fmcSPL=%s', t.b1, t.b2, t.b3, t.b7, t.b0)
					ELSE pg_catalog.format('blSPL=%s&teeSPL=%s&snpSPL=%s&ucodeSPL=%s', t.b0, t.b1, t.b6, t.b7) END AS asked
			FROM tcb t
		), gpu AS MATERIALIZED (
			SELECT pg_catalog.max(e.mval OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor) FILTER (WHERE e.mkey = 'driver') AS driver,
				pg_catalog.max(e.mval OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor) FILTER (WHERE e.mkey = 'vbios') AS vbios,
				pg_catalog.max(e.mval OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor) FILTER (WHERE e.mkey = 'project') AS project,
				pg_catalog.max(e.mval OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor) FILTER (WHERE e.mkey = 'project_sku') AS project_sku,
				pg_catalog.max(e.mval OPERATOR(coserv.#>>) '[0, 0]'::coserv.cbor) FILTER (WHERE e.mkey = 'chip_sku') AS chip_sku,
				pg_catalog.max(e.environment OPERATOR(coserv.#>>) '[0, 2]'::coserv.cbor) AS model
			FROM element e WHERE format = 'nvidia' HAVING pg_catalog.count(*) > 0
		), measured AS MATERIALIZED (
			SELECT coserv.cbor_bytes(e.mval OPERATOR(coserv.#>) '[2, 0, 1]'::coserv.cbor) AS digest, 'sevsnp' AS folder FROM element e WHERE format = 'sev-snp' AND e.mkey = '641'
			UNION ALL
			SELECT coserv.cbor_bytes(e.mval OPERATOR(coserv.#>) '[-83, 1]'::coserv.cbor), 'tdx' FROM element e
			WHERE format = 'tdx' AND e.mkey IS NULL AND e.environment OPERATOR(coserv.#>>) '[0, 2]'::coserv.cbor = 'TDX TD'
		), document AS MATERIALIZED (
			SELECT 1 AS place, 'tcb-info' AS what, 'intel-tcb-info/' || i.tee || '/' || i.fmspc || '/%' AS pattern,
				'https://api.trustedservices.intel.com/' || pg_catalog.lower(i.tee) || '/certification/v4/tcb?fmspc=' || i.fmspc AS source FROM intel i
			UNION ALL
			SELECT 2, 'qe-identity', CASE i.tee WHEN 'TDX' THEN 'intel-enclave-identity/TD\_QE/%' ELSE 'intel-enclave-identity/QE/%' END,
				'https://api.trustedservices.intel.com/' || pg_catalog.lower(i.tee) || '/certification/v4/qe/identity' FROM intel i
			UNION ALL
			SELECT 5, 'vcek', 'amd-vcek/' || s.instance || '/' || s.spls || '/%',
				'https://kdsintf.amd.com/vcek/v1/' || COALESCE(s.product, '{product}') || '/' || s.instance || '?' || s.asked FROM spl s WHERE NOT s.vlek AND s.instance IS NOT NULL
			UNION ALL
			SELECT 6, 'vlek', 'amd-vlek/%/' || s.spls || '/%', 'https://kdsintf.amd.com/vlek/v1/' || COALESCE(s.product, '{product}') || '/cert?' || s.asked
			FROM spl s WHERE s.vlek
			UNION ALL
			SELECT 7, 'ca', 'amd-ca/SEV-' || CASE WHEN s.vlek THEN 'VLEK-' ELSE '' END || COALESCE(s.product, '%') || '/%',
				'https://kdsintf.amd.com/' || CASE WHEN s.vlek THEN 'vlek' ELSE 'vcek' END || '/v1/' || COALESCE(s.product, '{product}') || '/cert_chain' FROM spl s
			UNION ALL
			SELECT 8, 'driver-rim', 'NV\_GPU\_DRIVER\_' || COALESCE(g.model, '%') || '\_' || g.driver,
				'https://rim.attestation.nvidia.com/v1/rim/NV_GPU_DRIVER_' || COALESCE(g.model, '{chip}') || '_' || g.driver FROM gpu g WHERE g.driver IS NOT NULL
			UNION ALL
			SELECT 9, 'vbios-rim', pg_catalog.replace(v.id, '_', '\_'), 'https://rim.attestation.nvidia.com/v1/rim/' || v.id
			FROM gpu g, LATERAL (SELECT 'NV_GPU_VBIOS_'
				|| pg_catalog.concat_ws('_', g.project, g.project_sku, g.chip_sku, pg_catalog.replace(g.vbios, '.', '')) AS id) v
			WHERE g.project IS NOT NULL AND g.project_sku IS NOT NULL AND g.chip_sku IS NOT NULL AND g.vbios IS NOT NULL
			UNION ALL
			-- a switch says neither driver nor project: of the one that there is NVIDIA's own verifiers know it (LS10)
			SELECT 9, 'vbios-rim', 'NV\_SWITCH\_BIOS\_' || CASE WHEN v.ls10 THEN '5612\_0002\_890' ELSE '%' END || '\_' || v.bios,
				'https://rim.attestation.nvidia.com/v1/rim/NV_SWITCH_BIOS_'
				|| CASE WHEN v.ls10 THEN '5612_0002_890' ELSE '{project}_{project sku}_{chip sku}' END || '_' || v.bios
			FROM gpu g, LATERAL (SELECT COALESCE(g.model = 'LS10', true) AS ls10, pg_catalog.upper(pg_catalog.replace(g.vbios, '.', '')) AS bios) v
			WHERE g.driver IS NULL AND g.project IS NULL AND g.vbios IS NOT NULL
		), crl AS MATERIALIZED (
			SELECT 3 AS place, 'pck-crl' AS what, '%CN=Intel SGX PCK ' || pg_catalog.initcap(i.ca) || ' CA%' AS pattern,
				'https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?encoding=der&ca=' || i.ca AS source FROM intel i
			UNION ALL
			SELECT 4, 'root-crl', '%CN=Intel SGX Root CA%', 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der' FROM intel i
		)
		SELECT n.what, n.name, n.source, n.standing, n.not_after, n.manifest FROM (
			SELECT d.place, d.what, COALESCE(g.corim_id, pg_catalog.replace(d.pattern, '\_', '_')) AS name, d.source, CASE WHEN g.manifest IS NOT NULL THEN 'there'
					WHEN EXISTS (SELECT FROM @store@.manifest m WHERE m.corim_id LIKE d.pattern) THEN 'expired' ELSE 'missing' END AS standing, g.not_after, g.manifest
			FROM document d LEFT JOIN LATERAL (SELECT g.manifest, m.corim_id, g.not_after FROM @store@.manifest m, @store@.tags_at(as_of) g
				WHERE m.corim_id LIKE d.pattern AND g.manifest OPERATOR(pg_catalog.=) m.id ORDER BY g.not_after DESC NULLS FIRST, g.manifest LIMIT 1) g ON true
			UNION ALL
			SELECT c.place, c.what, COALESCE(l.issuer, c.pattern), c.source, CASE WHEN l.id IS NULL THEN 'missing' WHEN l.next_update OPERATOR(pg_catalog.<=) as_of THEN 'expired'
					ELSE 'there' END, l.next_update, NULL
			FROM crl c LEFT JOIN LATERAL (SELECT l.id, l.issuer, l.next_update FROM @store@.crl l WHERE l.issuer LIKE c.pattern AND l.known_at OPERATOR(pg_catalog.<=) (SELECT coserv.known_by(@store_literal@::pg_catalog.regnamespace, as_of))
				ORDER BY l.next_update DESC NULLS FIRST, l.id LIMIT 1) l ON true
			UNION ALL
			SELECT 10, 'measurement', pg_catalog.encode(m.digest, 'hex'), 'gs://gce_tcb_integrity/ovmf_x64_csm/' || m.folder || '/' || pg_catalog.encode(m.digest, 'hex') || '.binarypb',
				CASE WHEN v.manifest IS NULL THEN 'missing' ELSE 'there' END, v.not_after, v.manifest
			FROM measured m LEFT JOIN LATERAL (SELECT v.manifest, v.not_after FROM @store@.vouchers(m.digest, as_of) v ORDER BY v.manifest LIMIT 1) v ON true) n,
			(SELECT pg_catalog.count(*) FROM element) read -- also where its format asks for nothing, so that one that is none is an error
		ORDER BY n.place, n.name;
	END;
COMMENT ON FUNCTION @store@.needed(text, bytea, bytea, timestamptz) IS 'Which collateral of its vendor an SGX or TDX quote, an SNP report or an NVIDIA report asks for: there, missing or expired, and under which name its vendor serves it. The Evidence is not verified here';
