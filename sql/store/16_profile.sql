-- Profiles that users add (doc/profiles.md): names and rules of comparison of members of measurement-values-map.

CREATE TABLE @store@.profile (
	id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
	profile text NOT NULL CHECK (profile <> ''),
	codepoint bigint NOT NULL,
	name text NOT NULL CHECK (name <> ''),
	comparison text CHECK (coserv.is_comparison(comparison)),
	moment timestamptz NOT NULL,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	added_by text NOT NULL DEFAULT current_user,
	CHECK (NOT coserv.is_standard_value(codepoint))
);
CREATE INDEX profile_moment ON @store@.profile (profile, codepoint, moment DESC, id DESC);
COMMENT ON TABLE @store@.profile IS 'What profiles add, a member of measurement-values-map a row: of a profile and codepoint the row with the last (moment, id) counts; never changed or deleted';
COMMENT ON COLUMN @store@.profile.profile IS 'The profile as manifest.profile has it: the URI, or the OID in dotted form';
COMMENT ON COLUMN @store@.profile.codepoint IS 'Key in the measurement-values-map; those of the standard keep their rules';
COMMENT ON COLUMN @store@.profile.name IS 'What describe() and explain() call it';
COMMENT ON COLUMN @store@.profile.comparison IS 'When an entry satisfies a condition, by the name of a rule of comparison (doc/profiles.md): equal, minimum, mask, set, digests, cryptokeys, ...; NULL: only named, matches nothing';
COMMENT ON COLUMN @store@.profile.moment IS 'When it was said, as truth has it';
COMMENT ON COLUMN @store@.profile.known_at IS 'Since when this store knows it';

CREATE TRIGGER said_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.profile
	FOR EACH ROW EXECUTE FUNCTION coserv.said_guard();
ALTER TABLE @store@.profile ENABLE ALWAYS TRIGGER said_guard;

CREATE TRIGGER said AFTER INSERT ON @store@.profile
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.profile ENABLE ALWAYS TRIGGER said;

CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.profile
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', '', 'profile', 'codepoint', 'name', 'comparison');
ALTER TABLE @store@.profile ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.profile FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.profile ENABLE ALWAYS TRIGGER audit_guard_truncate;

CREATE FUNCTION @store@.describe(document coserv.corim, as_of timestamptz DEFAULT NULL) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coserv.describe(@store_literal@::pg_catalog.regnamespace, document, as_of);
COMMENT ON FUNCTION @store@.describe(coserv.corim, timestamptz) IS 'EDN with one element a line and the standards'' names, those of the store''s own profiles among them';
