-- Audit: what was done to the truth tables here, by whom and when. Region-local: never publish these two. Rows carry no chain, so that
-- parallel loads never wait for each other; seal_audit() chains what has been committed since the last seal.

CREATE TABLE @store@.audit (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL,
	who text NOT NULL,
	session text NOT NULL,
	action text NOT NULL,
	object text,
	digest bytea,
	detail json,
	seal bigint
);
CREATE INDEX audit_seal_id ON @store@.audit (seal, id);
COMMENT ON TABLE @store@.audit IS 'Every load, refusal, revocation and change of an authority or a policy, a row each; written by triggers, append-only';
COMMENT ON COLUMN @store@.audit.at IS 'When it was done, by the clock; whether it counts is decided by the commit';
COMMENT ON COLUMN @store@.audit.who IS 'current_user of then';
COMMENT ON COLUMN @store@.audit.session IS 'session_user of then';
COMMENT ON COLUMN @store@.audit.action IS 'load, refuse, withdraw, reinstate, forget, delete (of a manifest), authority, authority_change, authority_delete, revoke, unrevoke, policy, profile, crl, crl_change';
COMMENT ON COLUMN @store@.audit.object IS 'Key of the row that it was done to; of a refusal by try_load, the authority that the caller named';
COMMENT ON COLUMN @store@.audit.digest IS 'SHA-256 of the document, or of an authority''s key';
COMMENT ON COLUMN @store@.audit.detail IS 'What was written, column by column; of a refusal, why';
COMMENT ON COLUMN @store@.audit.seal IS 'The seal that covers the row; NULL until seal_audit()';

CREATE TABLE @store@.audit_seal (
	seal bigint PRIMARY KEY,
	previous bytea,
	root bytea NOT NULL,
	rows bigint NOT NULL,
	sealed_at timestamptz NOT NULL,
	sealed_by text NOT NULL,
	known_until timestamptz,
	epochs bigint,
	epoch_root bytea
);
COMMENT ON TABLE @store@.audit_seal IS 'Seals of the audit, each chained to the one before it; append-only';
COMMENT ON COLUMN @store@.audit_seal.previous IS 'root of the seal before this one; NULL in the first';
COMMENT ON COLUMN @store@.audit_seal.root IS 'Merkle root (RFC 6962 section 2.1) over the rows in the order of id, and this row''s other columns behind them';
COMMENT ON COLUMN @store@.audit_seal.rows IS 'How many rows of audit it covers';
COMMENT ON COLUMN @store@.audit_seal.known_until IS 'It covers what is known from then or before, and no seal before it covers; NULL: none of it';
COMMENT ON COLUMN @store@.audit_seal.epochs IS 'How many rows of epoch it covers';
COMMENT ON COLUMN @store@.audit_seal.epoch_root IS 'Merkle root over these, in the order of known_at, of_table, id and ordinal';

CREATE TRIGGER audit_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.audit
	FOR EACH ROW EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.audit ENABLE ALWAYS TRIGGER audit_guard;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.audit
	FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.audit ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.audit_seal
	FOR EACH ROW EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.audit_seal ENABLE ALWAYS TRIGGER audit_guard;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.audit_seal
	FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.audit_seal ENABLE ALWAYS TRIGGER audit_guard_truncate;

-- The arguments: the column that names the row, the one that digest is made of (empty: none), and those that detail shows.
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('name', 'key', 'shown_as', 'valid_from', 'valid_until', 'environments', 'profiles', 'kinds',
		'tag_ids', 'accepts_unsigned', 'accepts_legacy', 'accepts_cose_sign', 'check_issuer', 'key_purposes', 'strict_profile', 'activates', 'note', 'chains_judged_at');
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', 'digest', 'authority', 'corim_id', 'withdrawn', 'forgotten');
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.revocation
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', '', 'manifest', 'authority', 'tag_id', 'tag_version', 'undoes', 'effective_from', 'reason', 'forgets');
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.policy
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', '', 'require_cotl', 'refuse_older', 'notify', 'generation');
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', 'der', 'authority', 'issuer', 'this_update', 'next_update');
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.erasing
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('only_row', '', 'for_others');
ALTER TABLE @store@.erasing ENABLE ALWAYS TRIGGER audit;

-- TRUNCATE leaves no record of what went: DELETE does.
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.truth FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.truth ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.authority FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.manifest FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.revocation FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.policy FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER audit_guard_truncate;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.crl FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER audit_guard_truncate;
