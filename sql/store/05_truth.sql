-- Truth: what somebody said, as it travels between regions. One table, rows of which are inserted whole and never changed; everything else
-- in a store is what this region makes of them. Publish this table alone (doc/operations.md, "Regions").

CREATE TABLE @store@.truth (
	id uuid PRIMARY KEY,
	kind smallint,
	moment timestamptz,
	body bytea
);
ALTER TABLE @store@.truth ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX truth_moment ON @store@.truth (moment, id) WHERE moment IS NOT NULL;
COMMENT ON TABLE @store@.truth IS 'What was said, a row each, as it travels: inserted whole, never changed; written by the triggers of the other tables, or by a replication worker';
COMMENT ON COLUMN @store@.truth.id IS 'UUIDv8 from the SHA-256 of kind, moment and body: the same in every region';
COMMENT ON COLUMN @store@.truth.kind IS '1 document, 2 authority, 3 revocation, 4 policy, 5 profile, 6 CRL, 7 moments taken back; what is of another kind is set aside';
COMMENT ON COLUMN @store@.truth.moment IS 'When it was said, by the hybrid logical clock of the region where it was: of two that contradict each other the later (moment, id) counts; NULL where order does not matter';
COMMENT ON COLUMN @store@.truth.body IS 'What was said, as a CBOR array whose first element is the version of its form (doc/design.md)';

-- What this region knows of it, and since when. Of this region: never publish what follows.

CREATE TABLE @store@.set_aside (
	id uuid PRIMARY KEY,
	kind smallint,
	reason text NOT NULL,
	since timestamptz NOT NULL
);
COMMENT ON TABLE @store@.set_aside IS 'Rows of truth of which nothing was made here, and why: such a row answers nothing; they are tried again when an authority arrives or changes';
COMMENT ON COLUMN @store@.set_aside.id IS 'The row''s id; where the row is forged, the one that it came with, and truth does not hold it';

CREATE TABLE @store@.settled (
	known_at timestamptz,
	transaction xid8 DEFAULT pg_catalog.pg_current_xact_id(),
	moment timestamptz,
	PRIMARY KEY (known_at, transaction)
);
CREATE INDEX settled_moment ON @store@.settled (moment, known_at) WHERE moment IS NOT NULL;
COMMENT ON TABLE @store@.settled IS 'The moments from which something is known here, a commit each';
CREATE TABLE @store@.unsettled (
	kind smallint NOT NULL,
	id uuid NOT NULL
);
COMMENT ON TABLE @store@.unsettled IS 'What came in a transaction that a worker prepared (two_phase): it answers nothing until the next commit, or coserv.retry(), settles it';
COMMENT ON COLUMN @store@.unsettled.kind IS 'As of truth; id is of the row of its table, of a document the manifest''s';
COMMENT ON COLUMN @store@.settled.moment IS 'When that was by the clock, where moments that this region had when its clock ran ahead lie behind it (end_clock_ahead); NULL: known_at is when it was';
COMMENT ON COLUMN @store@.settled.transaction IS 'Whose commit: what a cursor of changes() goes by, as moments do not become visible in their order';
