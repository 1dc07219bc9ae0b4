-- Truth: whom the store trusts, what they signed, and what no longer counts. Publish these four. Every row says since when it is known
-- here: until its transaction commits that is the transaction's start, and then the moment of the commit (coserv.settle).

CREATE TABLE @store@.authority (
	name text PRIMARY KEY CHECK (name <> ''),
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
	activates boolean NOT NULL DEFAULT true,
	note text,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	added_by text NOT NULL DEFAULT current_user,
	CHECK (valid_from < valid_until)
);
COMMENT ON TABLE @store@.authority IS 'Who may sign what this store answers with, and about what';
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
COMMENT ON COLUMN @store@.authority.activates IS 'Whether its CoTLs activate tags, where the policy requires one';

CREATE TABLE @store@.manifest (
	id uuid PRIMARY KEY,
	document bytea NOT NULL,
	payload bytea,
	authority text REFERENCES @store@.authority (name),
	digest bytea NOT NULL,
	is_signed boolean NOT NULL,
	corim_id text,
	profile text,
	signer_name text,
	not_before timestamptz,
	not_after timestamptz,
	legacy text[] NOT NULL DEFAULT '{}',
	refused text,
	shown_as coserv.crypto_key,
	known_at timestamptz NOT NULL,
	loaded_by text NOT NULL
);
ALTER TABLE @store@.manifest ALTER COLUMN document SET STORAGE EXTERNAL, ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX manifest_corim_id ON @store@.manifest (corim_id);
CREATE INDEX manifest_profile ON @store@.manifest (profile);
CREATE INDEX manifest_authority ON @store@.manifest (authority);
CREATE INDEX manifest_refused ON @store@.manifest (id) WHERE refused IS NOT NULL;
COMMENT ON TABLE @store@.manifest IS 'One loaded CoRIM a row: insert document (and authority, for an unsigned one); every other column is computed by verifying it';
COMMENT ON COLUMN @store@.manifest.id IS 'UUIDv8 from the first 16 bytes of digest (of a collection''s member, of document and payload): the same in every region';
COMMENT ON COLUMN @store@.manifest.document IS 'The CoRIM as it came, byte for byte';
COMMENT ON COLUMN @store@.manifest.payload IS 'What document signs and does not hold: a detached CoRIM, the CoRIM of a hash envelope, the member of a signed collection; NULL: document holds it';
COMMENT ON COLUMN @store@.manifest.authority IS 'Whose key verified it; on INSERT, the only authority that is tried';
COMMENT ON COLUMN @store@.manifest.digest IS 'SHA-256 of document';
COMMENT ON COLUMN @store@.manifest.is_signed IS 'False when it was conveyed unsigned in the authority''s name';
COMMENT ON COLUMN @store@.manifest.corim_id IS 'corim-map id: the text, or the UUID''s canonical form';
COMMENT ON COLUMN @store@.manifest.profile IS 'corim-map profile: the URI, or the OID in dotted form';
COMMENT ON COLUMN @store@.manifest.signer_name IS 'signer-name of corim-meta, or iss of the CWT claims';
COMMENT ON COLUMN @store@.manifest.not_before IS 'It answers from then on: the latest of rim-validity, signature-validity, nbf, the certificates and its authority''s validity';
COMMENT ON COLUMN @store@.manifest.not_after IS 'It answers until then: the earliest of rim-validity, signature-validity, exp, the certificates and its authority''s validity';
COMMENT ON COLUMN @store@.manifest.legacy IS 'Names of the legacy forms that it uses (doc/legacy.md)';
COMMENT ON COLUMN @store@.manifest.refused IS 'Why a replicated document was set aside; such a row derives and answers nothing';
COMMENT ON COLUMN @store@.manifest.shown_as IS 'How results name its authority';
COMMENT ON COLUMN @store@.manifest.known_at IS 'Since when this store knows it';

CREATE TABLE @store@.revocation (
	id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
	manifest uuid,
	authority text,
	tag_id text,
	tag_version numeric(20),
	undoes uuid,
	effective_from timestamptz NOT NULL DEFAULT pg_catalog.now(),
	reason text NOT NULL CHECK (reason <> ''),
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	revoked_by text NOT NULL DEFAULT current_user,
	CHECK (tag_version IS NULL OR tag_id IS NOT NULL),
	CHECK (tag_id IS NULL OR authority IS NOT NULL),
	CHECK (pg_catalog.num_nonnulls(manifest, authority, undoes) = 1)
);
CREATE INDEX revocation_manifest ON @store@.revocation (manifest) WHERE manifest IS NOT NULL;
CREATE INDEX revocation_authority ON @store@.revocation (authority, tag_id) WHERE authority IS NOT NULL;
CREATE INDEX revocation_undoes ON @store@.revocation (undoes) WHERE undoes IS NOT NULL;
COMMENT ON TABLE @store@.revocation IS 'What no longer counts: a manifest, an authority, or a tag of an authority (one version, or all); undone by a row that names it; never changed or deleted';
COMMENT ON COLUMN @store@.revocation.undoes IS 'The revocation that this row takes back';
COMMENT ON COLUMN @store@.revocation.effective_from IS 'It no longer counts from then on';

CREATE TABLE @store@.policy (
	id uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
	require_cotl boolean NOT NULL DEFAULT false,
	refuse_older boolean NOT NULL DEFAULT false,
	known_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	set_by text NOT NULL DEFAULT current_user
);
CREATE INDEX policy_known_at ON @store@.policy (known_at DESC, id DESC);
COMMENT ON TABLE @store@.policy IS 'Policies of the store: the row that is known last counts';
COMMENT ON COLUMN @store@.policy.refuse_older IS 'Whether loading a tag that is older than one that is there, of the same authority, is refused (RA008); else it is kept as history, with a warning';
COMMENT ON COLUMN @store@.policy.require_cotl IS 'Whether a tag counts only while a CoTL activates it (draft-ietf-rats-corim, CoTL)';

-- Derived: written by the triggers on manifest, in every region anew. Never publish these.

CREATE TABLE @store@.tag (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	kind text NOT NULL,
	tag_id text,
	tag_version numeric(20) NOT NULL DEFAULT 0,
	authority text NOT NULL,
	not_before timestamptz,
	not_after timestamptz,
	PRIMARY KEY (manifest, ordinal)
);
CREATE INDEX tag_tag_id ON @store@.tag (tag_id, authority);
CREATE INDEX tag_cots ON @store@.tag (manifest, ordinal) WHERE kind = 'cots';
COMMENT ON TABLE @store@.tag IS 'One CoMID, CoSWID, CoTL or other tag of a manifest a row (derived)';
COMMENT ON COLUMN @store@.tag.authority IS 'The manifest''s';
COMMENT ON COLUMN @store@.tag.not_before IS 'tl-validity of a CoTL';
COMMENT ON COLUMN @store@.tag.not_after IS 'tl-validity of a CoTL';

CREATE TABLE @store@.tag_link (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	relation text NOT NULL,
	tag_id text NOT NULL,
	tag_version numeric(20)
);
CREATE INDEX tag_link_manifest ON @store@.tag_link (manifest, ordinal);
CREATE INDEX tag_link_tag_id ON @store@.tag_link (tag_id, relation);
COMMENT ON TABLE @store@.tag_link IS 'What a tag says of another: supplements, replaces (CoMID linked-tags), activates (CoTL tags-list) (derived)';

CREATE TABLE @store@.triple (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	tag integer NOT NULL,
	kind smallint NOT NULL,
	environment coserv.environment,
	content coserv.cbor NOT NULL,
	PRIMARY KEY (manifest, ordinal)
);
CREATE INDEX triple_environment_gin ON @store@.triple USING gin (environment coserv.environment_ops);
COMMENT ON TABLE @store@.triple IS 'One CoMID triple a row (derived)';
COMMENT ON COLUMN @store@.triple.ordinal IS 'Position in document order over the whole CoRIM, from 0';
COMMENT ON COLUMN @store@.triple.tag IS 'Position of its tag in corim-map tags, from 0';
COMMENT ON COLUMN @store@.triple.kind IS 'Key in the triples-map: @triple_kinds@';
COMMENT ON COLUMN @store@.triple.environment IS 'Its subject; of 8 and 10 the first condition''s environment';
COMMENT ON COLUMN @store@.triple.content IS 'The triple record as it came';

CREATE TABLE @store@.triple_environment (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	environment coserv.environment NOT NULL
);
CREATE INDEX triple_environment_manifest ON @store@.triple_environment (manifest, ordinal);
CREATE INDEX triple_environment_environment_gin ON @store@.triple_environment USING gin (environment coserv.environment_ops);
COMMENT ON TABLE @store@.triple_environment IS 'The further environments that a triple names: conditions and endorsements of 10, members of 5, trustees of 4 (derived)';
