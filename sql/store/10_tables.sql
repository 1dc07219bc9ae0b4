-- What this region makes of truth, a table each kind: written to by who says something, and by the rows of truth that arrive. Every row has
-- an id that is the same in every region.

CREATE TABLE @store@.authority (
	id uuid PRIMARY KEY,
	name text NOT NULL CHECK (name <> ''),
	key coserv.crypto_key NOT NULL,
	shown_as coserv.crypto_key,
	valid_from timestamptz,
	valid_until timestamptz,
	environments coserv.environment[],
	profiles text[],
	kinds smallint[],
	tag_ids text[],
	accepts_unsigned boolean NOT NULL DEFAULT false,
	accepts_legacy boolean NOT NULL DEFAULT true,
	accepts_cose_sign boolean NOT NULL DEFAULT false,
	check_issuer boolean NOT NULL DEFAULT false,
	key_purposes text[] NOT NULL DEFAULT '{}'
		CHECK (pg_catalog.concat_ws(',', VARIADIC key_purposes) OPERATOR(pg_catalog.~) '^([0-2](\.(0|[1-9][0-9]*))+(,|$))*$'
			AND pg_catalog.array_position(key_purposes, NULL) IS NULL),
	strict_profile boolean NOT NULL DEFAULT false,
	activates boolean NOT NULL DEFAULT true,
	note text,
	scope uuid NOT NULL,
	moment timestamptz NOT NULL,
	truth uuid NOT NULL,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	added_by text NOT NULL DEFAULT current_user,
	chains_judged_at timestamptz,
	CHECK (valid_from < valid_until)
);
CREATE INDEX authority_name ON @store@.authority (name);
COMMENT ON TABLE @store@.authority IS 'Who may sign what this store answers with, and about what: a key a row; what was said of it last counts';
COMMENT ON COLUMN @store@.authority.id IS 'UUIDv8 from the SHA-256 of key';
COMMENT ON COLUMN @store@.authority.name IS 'What it is called here: a label; everything goes by the key';
COMMENT ON COLUMN @store@.authority.key IS 'Public key, certificate or certificate thumbprint ($crypto-key-type-choice) that a document must verify with or chain to';
COMMENT ON COLUMN @store@.authority.shown_as IS 'How results and the ACS name this authority; NULL: by key';
COMMENT ON COLUMN @store@.authority.valid_from IS 'Its documents count from then on; NULL: always';
COMMENT ON COLUMN @store@.authority.valid_until IS 'Its documents count until then; NULL: always';
COMMENT ON COLUMN @store@.authority.environments IS 'It may speak about environments that contain one of these; NULL: about any';
COMMENT ON COLUMN @store@.authority.profiles IS 'Profiles its documents may have, in canonical text form; NULL: any or none';
COMMENT ON COLUMN @store@.authority.kinds IS 'Kinds of triples it may state, by their keys in the triples-map, 3 also trust anchor stores (CoTS); NULL: any';
COMMENT ON COLUMN @store@.authority.tag_ids IS 'Tag ids it may use, each as LIKE pattern over the id''s text form; NULL: any';
COMMENT ON COLUMN @store@.authority.accepts_unsigned IS 'Whether an unsigned CoRIM may be loaded in its name (draft-ietf-rats-corim, Signer authority of securely conveyed unsigned CoRIM)';
COMMENT ON COLUMN @store@.authority.accepts_legacy IS 'Whether its documents may use legacy forms (doc/legacy.md)';
COMMENT ON COLUMN @store@.authority.accepts_cose_sign IS 'Whether its documents may come in a COSE_Sign (tag 98)';
COMMENT ON COLUMN @store@.authority.check_issuer IS 'Whether the signer''s certificate must name him: iss or signer-name is its CN or O, or a URI, DNS name or e-mail address of subjectAltName';
COMMENT ON COLUMN @store@.authority.key_purposes IS 'Purposes that a signer''s certificate may be limited to by extended key usage, as dotted OIDs (RFC 5280 section 4.2.1.12); without them, one that is limited may sign nothing unless it names anyExtendedKeyUsage';
COMMENT ON COLUMN @store@.authority.strict_profile IS 'Whether its documents must be all that their profile demands, where it is built in (doc/profiles.md): what coserv.inspect() warns of is an error then';
COMMENT ON COLUMN @store@.authority.activates IS 'Whether its CoTLs activate tags, where the policy requires one';
COMMENT ON COLUMN @store@.authority.chains_judged_at IS 'At which moment certificates that lead to its key have to hold, and then end nothing: for signers whose certificate ends while what they signed stays in use (doc/vendors.md); NULL: when a document is loaded, and it counts as long as they hold';
COMMENT ON COLUMN @store@.authority.scope IS 'Of the columns that say what it may say, from environments to check_issuer, and of chains_judged_at';
COMMENT ON COLUMN @store@.authority.moment IS 'When this was said of it, as truth has it';
COMMENT ON COLUMN @store@.authority.truth IS 'The row of truth that says it';
COMMENT ON COLUMN @store@.authority.known_at IS 'Since when this region knows it';

CREATE TABLE @store@.authority_removed (
	id uuid PRIMARY KEY,
	moment timestamptz NOT NULL,
	truth uuid NOT NULL
);
COMMENT ON TABLE @store@.authority_removed IS 'When an authority was removed last: what was said of it before does not bring it back';

CREATE TABLE @store@.manifest (
	id uuid PRIMARY KEY,
	document bytea,
	payload bytea,
	authority text NOT NULL,
	authority_id uuid NOT NULL,
	scope uuid NOT NULL,
	truth uuid NOT NULL,
	digest bytea NOT NULL,
	is_signed boolean NOT NULL,
	is_answered_signed boolean NOT NULL,
	corim_id text,
	profile text,
	signer_name text,
	format text NOT NULL,
	generation integer,
	not_before timestamptz,
	not_after timestamptz,
	legacy text[] NOT NULL DEFAULT '{}',
	withdrawn text,
	loaded_by text NOT NULL,
	forgotten uuid,
	signer uuid NOT NULL,
	CHECK (document IS NULL AND payload IS NULL)
);
CREATE INDEX manifest_withdrawn ON @store@.manifest (authority_id) WHERE withdrawn IS NOT NULL;
CREATE INDEX manifest_cosigned ON @store@.manifest (id) WHERE legacy OPERATOR(pg_catalog.@>) '{cose-sign}'::pg_catalog.text[];
CREATE INDEX manifest_forgotten ON @store@.manifest (id) WHERE forgotten IS NOT NULL;
CREATE INDEX manifest_corim_id ON @store@.manifest (corim_id);
CREATE INDEX manifest_profile ON @store@.manifest (profile);
CREATE INDEX manifest_authority ON @store@.manifest (authority_id, signer);
COMMENT ON TABLE @store@.manifest IS 'One statement a row, what somebody signed: insert document (and authority, for an unsigned one); every other column is computed by verifying it';
COMMENT ON COLUMN @store@.manifest.id IS 'UUIDv8 from the Sig_structure and the public key that verified it (of a collection''s member, also the member; unsigned: from the CoRIM and the authority): the same in every region';
COMMENT ON COLUMN @store@.manifest.document IS 'The CoRIM, when it is inserted; it is kept in truth, byte for byte: function document()';
COMMENT ON COLUMN @store@.manifest.payload IS 'What document signs and does not hold, when it is inserted: a detached CoRIM, the CoRIM of a hash envelope, the member of a signed collection; or the certificates that came beside a vendor''s document; kept in truth';
COMMENT ON COLUMN @store@.manifest.authority IS 'What the authority was called whose key verified it; on INSERT, the only authority that is tried';
COMMENT ON COLUMN @store@.manifest.authority_id IS 'The authority whose key verified it; of several that its signature leads to, the first that may say it (doc/operations.md, "Regions")';
COMMENT ON COLUMN @store@.manifest.signer IS 'UUIDv8 of what leads from the signature to an authority: the key and the certificates beside it; all zeros where it is unsigned, or not known yet';
COMMENT ON COLUMN @store@.manifest.scope IS 'What the authority might say when this was verified last (authority.scope)';
COMMENT ON COLUMN @store@.manifest.truth IS 'The row of truth with the document; of several documents of one statement the one with the smallest digest';
COMMENT ON COLUMN @store@.manifest.digest IS 'SHA-256 of document';
COMMENT ON COLUMN @store@.manifest.is_signed IS 'False when it was conveyed unsigned in the authority''s name';
COMMENT ON COLUMN @store@.manifest.is_answered_signed IS 'Whether it is answered with its signature: not a collection''s member';
COMMENT ON COLUMN @store@.manifest.corim_id IS 'corim-map id: the text, or the UUID''s canonical form';
COMMENT ON COLUMN @store@.manifest.profile IS 'corim-map profile: the URI, or the OID in dotted form';
COMMENT ON COLUMN @store@.manifest.signer_name IS 'signer-name of corim-meta, or iss of the CWT claims; of a vendor''s document the subject of its signer''s certificate';
COMMENT ON COLUMN @store@.manifest.format IS 'corim, or the vendor''s form that it is in (doc/vendors.md)';
COMMENT ON COLUMN @store@.manifest.generation IS 'tcbEvaluationDataNumber of Intel''s; NULL: its form has no generations';
COMMENT ON COLUMN @store@.manifest.not_before IS 'It answers from then on: the latest of rim-validity, signature-validity, nbf and the certificates';
COMMENT ON COLUMN @store@.manifest.not_after IS 'It answers until then: the earliest of rim-validity, signature-validity, exp and the certificates';
COMMENT ON COLUMN @store@.manifest.legacy IS 'Names of the legacy forms that it uses (doc/legacy.md)';
COMMENT ON COLUMN @store@.manifest.forgotten IS 'The revocation for which its bytes were erased here, and all that was read from them; NULL: they are here';
COMMENT ON COLUMN @store@.manifest.withdrawn IS 'Why it does not answer any more: its authority may not say it now; NULL: it may';

CREATE TABLE @store@.manifest_document (
	truth uuid,
	manifest uuid,
	digest bytea NOT NULL,
	signer uuid NOT NULL,
	PRIMARY KEY (truth, manifest)
);
CREATE INDEX manifest_document_manifest ON @store@.manifest_document (manifest);
COMMENT ON COLUMN @store@.manifest_document.signer IS 'As in manifest: other certificates may stand beside the same signature';
COMMENT ON TABLE @store@.manifest_document IS 'Further documents of a statement: what is signed is the same, headers that nobody signed or the signature''s form differ';

CREATE TABLE @store@.revocation (
	id uuid PRIMARY KEY,
	manifest uuid,
	authority text,
	authority_id uuid,
	tag_id text,
	tag_version numeric,
	undoes uuid,
	effective_from timestamptz NOT NULL DEFAULT pg_catalog.now(),
	reason text NOT NULL CHECK (reason <> ''),
	moment timestamptz,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	revoked_by text NOT NULL DEFAULT current_user,
	forgets boolean NOT NULL DEFAULT false,
	said_here boolean NOT NULL DEFAULT true,
	CHECK (tag_version IS NULL OR tag_id IS NOT NULL),
	CHECK (tag_id IS NULL OR authority_id IS NOT NULL),
	CHECK (pg_catalog.num_nonnulls(manifest, authority_id, undoes) = 1),
	CHECK (NOT forgets OR manifest IS NOT NULL)
);
CREATE INDEX revocation_forgets ON @store@.revocation (manifest) WHERE forgets;
CREATE INDEX revocation_manifest ON @store@.revocation (manifest) WHERE manifest IS NOT NULL;
CREATE INDEX revocation_authority ON @store@.revocation (authority_id, tag_id) WHERE authority_id IS NOT NULL;
CREATE INDEX revocation_undoes ON @store@.revocation (undoes) WHERE undoes IS NOT NULL;
COMMENT ON TABLE @store@.revocation IS 'What no longer counts: a manifest, an authority, or a tag of an authority (one version, or all); undone by a row that names it; never changed or deleted';
COMMENT ON COLUMN @store@.revocation.authority IS 'What the authority is called; it is revoked by its key';
COMMENT ON COLUMN @store@.revocation.undoes IS 'The revocation that this row takes back';
COMMENT ON COLUMN @store@.revocation.effective_from IS 'It no longer counts from then on';
COMMENT ON COLUMN @store@.revocation.forgets IS 'Whether the manifest shall be forgotten: its bytes erased, for good, where it was said and where erase_for_others() allows it; no row undoes that';
COMMENT ON COLUMN @store@.revocation.said_here IS 'Whether it was said in this region';
COMMENT ON COLUMN @store@.revocation.moment IS 'When it was said, as truth has it; NULL: a CRL says it';

CREATE TABLE @store@.erasing (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	for_others boolean NOT NULL
);
COMMENT ON TABLE @store@.erasing IS 'Whether this region erases what another one forgets: a row at the most, written by erase_for_others(); without it, it hides. Of this region: never publish it';

CREATE TABLE @store@.policy (
	id uuid PRIMARY KEY,
	require_cotl boolean NOT NULL DEFAULT false,
	refuse_older boolean NOT NULL DEFAULT false,
	notify boolean NOT NULL DEFAULT false,
	generation integer NOT NULL DEFAULT 0 CHECK (generation >= 0),
	moment timestamptz NOT NULL,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	set_by text NOT NULL DEFAULT current_user
);
CREATE INDEX policy_moment ON @store@.policy (moment DESC, id DESC);
COMMENT ON TABLE @store@.policy IS 'Policies of the store: the row with the last (moment, id) counts';
COMMENT ON COLUMN @store@.policy.refuse_older IS 'Whether loading a tag that is older than one that is there, of the same authority, is refused (RA008); else it is kept as history, with a warning';
COMMENT ON COLUMN @store@.policy.require_cotl IS 'Whether a tag counts only while a CoTL activates it (draft-ietf-rats-corim, CoTL)';
COMMENT ON COLUMN @store@.policy.notify IS 'Whether a commit that changes what counts sends NOTIFY coserv_changes (doc/changes.md)';
COMMENT ON COLUMN @store@.policy.generation IS 'Which generation (tcbEvaluationDataNumber) of Intel''s TCB infos and identities answers; 0: of each the highest';
COMMENT ON COLUMN @store@.policy.moment IS 'When it was said, as truth has it';

-- Life: when things count, as it was foreseen from a moment on. Inserted at commit, never changed: what was answered at a moment is answered
-- by the last row that was known then. What has no row for a tag counts as far as its tag goes, but for where a CoTL is required.

CREATE TABLE @store@.authority_life (
	authority uuid NOT NULL,
	known_at timestamptz NOT NULL,
	counts tstzmultirange NOT NULL,
	name text NOT NULL,
	shown_as coserv.crypto_key NOT NULL,
	activates boolean NOT NULL,
	PRIMARY KEY (authority, known_at)
);
COMMENT ON TABLE @store@.authority_life IS 'When an authority speaks, and how it is shown, as foreseen from known_at on';

CREATE TABLE @store@.manifest_life (
	manifest uuid NOT NULL,
	known_at timestamptz NOT NULL,
	counts tstzmultirange NOT NULL,
	authority uuid NOT NULL,
	truth uuid NOT NULL,
	PRIMARY KEY (manifest, known_at)
);
COMMENT ON TABLE @store@.manifest_life IS 'When a statement counts, as foreseen from known_at on: its validity, less its revocations; whose it is and which document answers';

CREATE TABLE @store@.tag_life (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	known_at timestamptz NOT NULL,
	counts tstzmultirange NOT NULL,
	newest tstzmultirange NOT NULL,
	activated tstzmultirange NOT NULL,
	PRIMARY KEY (manifest, ordinal, known_at)
);
COMMENT ON TABLE @store@.tag_life IS 'When a tag counts, as foreseen from known_at on: neither superseded, replaced nor revoked by its id';
COMMENT ON COLUMN @store@.tag_life.newest IS 'The same whatever replaces it: as it is found by its id';
COMMENT ON COLUMN @store@.tag_life.activated IS 'The same where the policy requires a CoTL: then only what is activated hides others';

CREATE TABLE @store@.cotl_life (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	known_at timestamptz NOT NULL,
	counts tstzmultirange NOT NULL,
	PRIMARY KEY (manifest, ordinal, known_at)
);
COMMENT ON TABLE @store@.cotl_life IS 'When a CoTL activates its tags, as foreseen from known_at on: it counts, and all of them are there';

-- Derived: written by the triggers on manifest, in every region anew. Never publish these.

CREATE TABLE @store@.tag (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	kind text NOT NULL,
	tag_id text,
	tag_version numeric NOT NULL DEFAULT 0,
	authority uuid NOT NULL,
	not_before timestamptz,
	not_after timestamptz,
	live boolean NOT NULL DEFAULT true,
	PRIMARY KEY (manifest, ordinal)
);
CREATE INDEX tag_tag_id ON @store@.tag (tag_id, authority, kind, tag_version);
CREATE INDEX tag_live ON @store@.tag (tag_id, authority) WHERE live;
CREATE INDEX tag_cots ON @store@.tag (manifest, ordinal) WHERE kind = 'cots';
CREATE INDEX tag_cotl ON @store@.tag (manifest, ordinal) WHERE kind = 'cotl';
COMMENT ON TABLE @store@.tag IS 'One CoMID, CoSWID, CoTL or other tag of a manifest a row (derived)';
COMMENT ON COLUMN @store@.tag.authority IS 'The manifest''s, by id';
COMMENT ON COLUMN @store@.tag.live IS 'Whether it may count from now on; what cannot leaves the indexes that answer now, and stays for the past';
COMMENT ON COLUMN @store@.tag.not_before IS 'tl-validity of a CoTL';
COMMENT ON COLUMN @store@.tag.not_after IS 'tl-validity of a CoTL';

CREATE TABLE @store@.tag_link (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	relation text NOT NULL,
	tag_id text NOT NULL,
	tag_version numeric
);
CREATE INDEX tag_link_manifest ON @store@.tag_link (manifest, ordinal);
CREATE INDEX tag_link_tag_id ON @store@.tag_link (tag_id, relation);
COMMENT ON TABLE @store@.tag_link IS 'What a tag says of another: supplements, replaces (CoMID linked-tags), activates (CoTL tags-list) (derived)';

-- Answers do not pay for what was loaded before them: without fastupdate, there is no list of what is not merged yet, which each look-up would go through.

CREATE TABLE @store@.triple (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	tag integer NOT NULL,
	kind smallint NOT NULL,
	environment coserv.environment,
	content coserv.cbor NOT NULL,
	live boolean NOT NULL DEFAULT true,
	current coserv.cbor,
	PRIMARY KEY (manifest, ordinal)
);
-- @begin conditional
kind IN (@CS_TRIPLE_CONDITIONAL_ENDORSEMENT@, @CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@)
-- @end
-- Conditional endorsements have an index of their own: an appraisal finds them by what they ask for (triple_condition), however many speak of one class.
CREATE INDEX triple_environment_gin ON @store@.triple USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE live AND NOT @conditional@;
CREATE INDEX triple_environment_conditional_gin ON @store@.triple USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE live AND @conditional@;
CREATE INDEX triple_environment_past_gin ON @store@.triple USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE NOT live;
COMMENT ON TABLE @store@.triple IS 'One CoMID triple a row (derived)';
COMMENT ON COLUMN @store@.triple.ordinal IS 'Position in document order over the whole CoRIM, from 0';
COMMENT ON COLUMN @store@.triple.tag IS 'Position of its tag in corim-map tags, from 0';
COMMENT ON COLUMN @store@.triple.kind IS 'Key in the triples-map: @triple_kinds@';
COMMENT ON COLUMN @store@.triple.environment IS 'Its subject; of 8 and 10 the first condition''s environment';
COMMENT ON COLUMN @store@.triple.content IS 'The triple record as it came';
COMMENT ON COLUMN @store@.triple.live IS 'As of its tag';
COMMENT ON COLUMN @store@.triple.current IS 'The triple record in current forms, as collected artifacts have it (doc/legacy.md), where that is not content; CBOR null: it has none, and only source artifacts answer';

CREATE TABLE @store@.triple_environment (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	environment coserv.environment NOT NULL,
	live boolean NOT NULL DEFAULT true,
	kind smallint NOT NULL
);
CREATE INDEX triple_environment_manifest ON @store@.triple_environment (manifest, ordinal);
CREATE INDEX triple_environment_environment_gin ON @store@.triple_environment USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE live AND NOT @conditional@;
CREATE INDEX triple_environment_environment_conditional_gin ON @store@.triple_environment USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE live AND @conditional@;
CREATE INDEX triple_environment_environment_past_gin ON @store@.triple_environment USING gin (environment coserv.environment_ops) WITH (fastupdate = off) WHERE NOT live;
COMMENT ON TABLE @store@.triple_environment IS 'The further environments that a triple names: conditions and endorsements of 10, members of 5, trustees of 4 (derived)';

CREATE TABLE @store@.triple_condition (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	anchor bigint NOT NULL,
	key bigint NOT NULL,
	minimum bigint NOT NULL,
	live boolean NOT NULL DEFAULT true
);
CREATE INDEX triple_condition_manifest ON @store@.triple_condition (manifest, ordinal);
CREATE INDEX triple_condition_asks ON @store@.triple_condition (anchor, key, minimum) WHERE live;
CREATE INDEX triple_condition_asks_past ON @store@.triple_condition (anchor, key, minimum) WHERE NOT live;
COMMENT ON TABLE @store@.triple_condition IS 'What conditional endorsements (10) and series (8) ask of an ACS, as hashes: one of its rows must be met before a triple can add anything (derived)';
COMMENT ON COLUMN @store@.triple_condition.anchor IS 'The attribute of its environment that says most';
COMMENT ON COLUMN @store@.triple_condition.key IS 'A value, a key or an element that must be there; 0: the environment alone';
COMMENT ON COLUMN @store@.triple_condition.minimum IS 'Where a number must be so much at least; else 0';
