-- keylime's runtime policy (IMA allow list) from the CoSWID tags of a store, in one statement: psql -At -v store=rim -f runtime_policy.sql
-- -v environment='{0: {1: "ACME"}}': of what is linked to environments that contain this one; without it, of everything.
\if :{?store}
\else
\set store rim
\endif
\if :{?environment}
\else
\set environment ''
\endif
SELECT jsonb_build_object('meta', jsonb_build_object('version', 1, 'generator', 0), 'release', 0,
	'digests', COALESCE((SELECT jsonb_object_agg(f.path, f.digests)
		FROM (SELECT c.path, jsonb_agg(DISTINCT encode(c.digest, 'hex')) AS digests FROM :"store".coswid_reference_value c
				WHERE c.digest_alg = 'sha-256' AND c.path LIKE '/%'
					AND (:'environment' = '' OR c.environment OPERATOR(coserv.@>) NULLIF(:'environment', '')::coserv.environment)
				GROUP BY c.path) f), '{}'),
	'excludes', '[]'::jsonb, 'keyrings', '{}'::jsonb,
	'ima', jsonb_build_object('ignored_keyrings', '[]'::jsonb, 'log_hash_alg', 'sha256', 'dm_policy', NULL),
	'ima-buf', '{}'::jsonb, 'verification-keys', '');
