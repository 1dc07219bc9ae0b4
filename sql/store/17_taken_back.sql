-- Moments that ran ahead of everybody's clock, and were taken back (doc/operations.md, "A clock that ran ahead").

CREATE TABLE @store@.taken_back (
	id uuid PRIMARY KEY,
	truths uuid[] NOT NULL CHECK (pg_catalog.array_position(truths, NULL) IS NULL),
	reason text NOT NULL CHECK (reason <> ''),
	moment timestamptz NOT NULL,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	said_by text NOT NULL DEFAULT current_user
);
COMMENT ON TABLE @store@.taken_back IS 'Moments that were taken back: rows of truth that were said while a clock ran ahead, and stand behind everything else; written by end_clock_ahead(); never changed or deleted';
COMMENT ON COLUMN @store@.taken_back.truths IS 'Ids of these rows: what they say was said again';
COMMENT ON COLUMN @store@.taken_back.moment IS 'When it was said, as truth has it';
COMMENT ON COLUMN @store@.taken_back.known_at IS 'Since when this store knows it';

CREATE TRIGGER said_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.taken_back
	FOR EACH ROW EXECUTE FUNCTION coserv.said_guard();
ALTER TABLE @store@.taken_back ENABLE ALWAYS TRIGGER said_guard;
CREATE TRIGGER said AFTER INSERT ON @store@.taken_back
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.taken_back ENABLE ALWAYS TRIGGER said;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON @store@.taken_back
	FOR EACH ROW EXECUTE FUNCTION coserv.audit('id', '', 'truths', 'reason');
ALTER TABLE @store@.taken_back ENABLE ALWAYS TRIGGER audit;
CREATE TRIGGER audit_guard_truncate BEFORE TRUNCATE ON @store@.taken_back FOR EACH STATEMENT EXECUTE FUNCTION coserv.audit_guard();
ALTER TABLE @store@.taken_back ENABLE ALWAYS TRIGGER audit_guard_truncate;

CREATE FUNCTION @store@.end_clock_ahead(reason text) RETURNS bigint
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.end_clock_ahead(@store_literal@::pg_catalog.regnamespace, reason);
COMMENT ON FUNCTION @store@.end_clock_ahead(text) IS 'Say again, now, what was said of authorities, policies and profiles with a moment further ahead than coserv.max_clock_ahead, and take these moments back, in every region; and answer as of the clock from now on where this region learnt what lies ahead of it; answers how many rows were said again; for the owner of the store';
