-- Who answers, and for whom he is believed. Nothing else is kept here: documents are the members'.

CREATE TABLE @store@.member (
	name text PRIMARY KEY CHECK (name <> ''),
	server name,
	store name NOT NULL
);
COMMENT ON TABLE @store@.member IS 'Stores that answer together, one a row; a change unbinds the keys that sign for the federation';
COMMENT ON COLUMN @store@.member.name IS 'What it is called here';
COMMENT ON COLUMN @store@.member.server IS 'The foreign server that it is at, with a user mapping for who asks; NULL: this database';
COMMENT ON COLUMN @store@.member.store IS 'The store''s schema there';

CREATE TABLE @store@.placement (
	authority uuid NOT NULL,
	member text NOT NULL REFERENCES @store@.member ON UPDATE CASCADE ON DELETE CASCADE,
	environments coserv.environment[] CHECK (pg_catalog.array_position(environments, NULL) IS NULL),
	profiles text[] CHECK (pg_catalog.array_position(profiles, NULL) IS NULL),
	valid_from timestamptz NOT NULL DEFAULT '-infinity',
	valid_until timestamptz NOT NULL DEFAULT 'infinity',
	note text,
	PRIMARY KEY (authority, member, valid_from),
	CHECK (valid_from < valid_until)
);
CREATE INDEX placement_member ON @store@.placement (member);
COMMENT ON TABLE @store@.placement IS 'Which member is believed for which authority: what others say in its name is not';
COMMENT ON COLUMN @store@.placement.authority IS 'By key: coserv.authority_id(key), which is authority.id of the member';
COMMENT ON COLUMN @store@.placement.environments IS 'It is believed of environments that contain one of these; NULL: of any. A member that cannot have any that a query by environment selects is not asked';
COMMENT ON COLUMN @store@.placement.profiles IS 'It is believed in documents of these profiles; NULL: of any or none';
COMMENT ON COLUMN @store@.placement.valid_from IS 'For moments from then on';
COMMENT ON COLUMN @store@.placement.valid_until IS 'For moments until then: who is asked about an earlier one is who had it then';

-- What profiles add here, for appraisals, which are decided here (doc/profiles.md).
CREATE TABLE @store@.profile (
	id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
	profile text NOT NULL CHECK (profile <> ''),
	codepoint bigint NOT NULL,
	name text NOT NULL CHECK (name <> ''),
	comparison text CHECK (coserv.is_comparison(comparison)),
	moment timestamptz NOT NULL DEFAULT pg_catalog.now(),
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CHECK (NOT coserv.is_standard_value(codepoint))
);
COMMENT ON TABLE @store@.profile IS 'What profiles add, as the members'' tables have it: members match states by theirs, appraisals by this one';

CREATE TABLE @store@.answer (
	at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	who text NOT NULL DEFAULT current_user,
	query bytea NOT NULL,
	digest bytea NOT NULL,
	is_signed boolean NOT NULL
);
COMMENT ON TABLE @store@.answer IS 'Answers to queries over HTTP while coserv.log_answers is on, as a store has them';
