-- Truth: whom the store trusts, and what they signed. Publish these two.

CREATE TABLE @store@.authority (
	name text PRIMARY KEY CHECK (name <> ''),
	key coserv.crypto_key NOT NULL,
	shown_as coserv.crypto_key,
	accepts_unsigned boolean NOT NULL DEFAULT false,
	note text,
	added_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	added_by text NOT NULL DEFAULT current_user
);
COMMENT ON TABLE @store@.authority IS 'Who may sign what this store answers with';
COMMENT ON COLUMN @store@.authority.key IS 'Public key, certificate or certificate thumbprint ($crypto-key-type-choice) that a document must verify with or chain to';
COMMENT ON COLUMN @store@.authority.shown_as IS 'How results and the ACS name this authority; NULL: by key';
COMMENT ON COLUMN @store@.authority.accepts_unsigned IS 'Whether an unsigned CoRIM may be loaded in this authority''s name (draft-ietf-rats-corim, Signer authority of securely conveyed unsigned CoRIM)';

CREATE TABLE @store@.manifest (
	id uuid PRIMARY KEY,
	document bytea NOT NULL,
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
	loaded_at timestamptz NOT NULL,
	loaded_by text NOT NULL
);
ALTER TABLE @store@.manifest ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX manifest_corim_id ON @store@.manifest (corim_id);
CREATE INDEX manifest_profile ON @store@.manifest (profile);
CREATE INDEX manifest_refused ON @store@.manifest (id) WHERE refused IS NOT NULL;
COMMENT ON TABLE @store@.manifest IS 'One loaded CoRIM a row: insert document (and authority, for an unsigned one); every other column is computed by verifying it';
COMMENT ON COLUMN @store@.manifest.id IS 'UUIDv8 from the first 16 bytes of digest: the same in every region';
COMMENT ON COLUMN @store@.manifest.document IS 'The CoRIM as it came, byte for byte';
COMMENT ON COLUMN @store@.manifest.authority IS 'Whose key verified it; on INSERT, the only authority that is tried';
COMMENT ON COLUMN @store@.manifest.digest IS 'SHA-256 of document';
COMMENT ON COLUMN @store@.manifest.is_signed IS 'False when it was conveyed unsigned in the authority''s name';
COMMENT ON COLUMN @store@.manifest.corim_id IS 'corim-map id: the text, or the UUID''s canonical form';
COMMENT ON COLUMN @store@.manifest.profile IS 'corim-map profile: the URI, or the OID in dotted form';
COMMENT ON COLUMN @store@.manifest.signer_name IS 'signer-name of corim-meta, or iss of the CWT claims';
COMMENT ON COLUMN @store@.manifest.not_before IS 'It answers from then on: the latest of rim-validity, signature-validity, nbf and the certificates';
COMMENT ON COLUMN @store@.manifest.not_after IS 'It answers until then: the earliest of rim-validity, signature-validity, exp and the certificates';
COMMENT ON COLUMN @store@.manifest.legacy IS 'Names of the legacy forms that it uses (doc/legacy.md)';
COMMENT ON COLUMN @store@.manifest.refused IS 'Why a replicated document was set aside; such a row derives and answers nothing';

-- Derived: written by the triggers on manifest, in every region anew. Never publish these.

CREATE TABLE @store@.tag (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	kind text NOT NULL,
	tag_id text,
	tag_version numeric(20) NOT NULL DEFAULT 0,
	PRIMARY KEY (manifest, ordinal)
);
CREATE INDEX tag_tag_id ON @store@.tag (tag_id, kind);
COMMENT ON TABLE @store@.tag IS 'One CoMID, CoSWID, CoTL or other tag of a manifest a row (derived)';

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
COMMENT ON COLUMN @store@.triple.kind IS 'Key in the triples-map: 0 reference, 1 endorsed, 2 identity, 3 attest-key, 4 dependency, 5 membership, 6 coswid, 8 conditional-endorsement-series, 10 conditional-endorsement';
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
