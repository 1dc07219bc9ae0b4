-- Loading that answers refusals, sealing, and who may do what.

CREATE FUNCTION @store@.try_load(document coserv.document, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
	chain coserv.document DEFAULT NULL)
	RETURNS TABLE (id uuid, refused text, sqlstate text, detail text, hint text, profile text, corim_id text, authority_name text)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT * FROM coserv.try_load(@store_literal@::pg_catalog.regnamespace, document::pg_catalog.bytea, authority, payload,
			chain::pg_catalog.bytea);
	END;
COMMENT ON FUNCTION @store@.try_load(coserv.document, text, bytea, coserv.document) IS 'load() that answers a refusal as a row, and puts it on record without the document; with profile and id of the CoRIM, as far as it can be read, and the authority: whose it is, or who was named';

CREATE FUNCTION @store@.seal_audit(OUT seal bigint, OUT root bytea, OUT rows bigint)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT * FROM coserv.seal_audit(@store_literal@::pg_catalog.regnamespace);
	END;
COMMENT ON FUNCTION @store@.seal_audit() IS 'Chain what has been committed to the audit since the last seal: keep the root elsewhere too';

CREATE FUNCTION @store@.verify_audit() RETURNS TABLE (seal bigint, problem text, expected bytea, found bytea)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM coserv.verify_audit(@store_literal@::pg_catalog.regnamespace);
	END;
COMMENT ON FUNCTION @store@.verify_audit() IS 'Seals of the audit that do not hold, and why: a row was changed, removed or slipped in, or the chain is broken';

CREATE VIEW @store@.audit_state WITH (security_invoker = true) AS
	SELECT s.seal, s.root, s.sealed_at, u.rows AS unsealed, u.since AS unsealed_since
	FROM (SELECT pg_catalog.count(*) AS rows, pg_catalog.min(a.at) AS since FROM @store@.audit a WHERE a.seal IS NULL) u
		LEFT JOIN (SELECT a.seal, a.root, a.sealed_at FROM @store@.audit_seal a ORDER BY a.seal DESC LIMIT 1) s ON true;
COMMENT ON VIEW @store@.audit_state IS 'The last seal of the audit, and how much is not sealed yet';

CREATE FUNCTION @store@.grant_reader(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'reader', true);
COMMENT ON FUNCTION @store@.grant_reader(regrole) IS 'Let a role query and appraise';

CREATE FUNCTION @store@.grant_verifier(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'verifier', true);
COMMENT ON FUNCTION @store@.grant_verifier(regrole) IS 'Let a role query and appraise, keep Evidence, read what is kept and forget it';

CREATE FUNCTION @store@.grant_loader(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'loader', true);
COMMENT ON FUNCTION @store@.grant_loader(regrole) IS 'Let a role load documents, and nothing else';

CREATE FUNCTION @store@.grant_administrator(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'administrator', true);
COMMENT ON FUNCTION @store@.grant_administrator(regrole) IS 'Let a role say whom the store trusts, revoke, set policies, read the audit and seal it; it loads nothing';

CREATE FUNCTION @store@.grant_auditor(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'auditor', true);
COMMENT ON FUNCTION @store@.grant_auditor(regrole) IS 'Let a role read everything, the audit and the history of what was said too, and verify it; it changes nothing';

CREATE FUNCTION @store@.revoke_auditor(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'auditor', false);
COMMENT ON FUNCTION @store@.revoke_auditor(regrole) IS 'Take away what grant_auditor gave';

CREATE FUNCTION @store@.revoke_reader(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'reader', false);
COMMENT ON FUNCTION @store@.revoke_reader(regrole) IS 'Take away what grant_reader gave';

CREATE FUNCTION @store@.revoke_verifier(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'verifier', false);
COMMENT ON FUNCTION @store@.revoke_verifier(regrole) IS 'Take away what grant_verifier gave';

CREATE FUNCTION @store@.revoke_loader(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'loader', false);
COMMENT ON FUNCTION @store@.revoke_loader(regrole) IS 'Take away what grant_loader gave';

CREATE FUNCTION @store@.revoke_administrator(role regrole) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.grant_role(@store_literal@::pg_catalog.regnamespace, role, 'administrator', false);
COMMENT ON FUNCTION @store@.revoke_administrator(regrole) IS 'Take away what grant_administrator gave';
