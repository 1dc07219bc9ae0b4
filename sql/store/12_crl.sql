-- Certificate revocation lists (RFC 5280 section 5) beside an authority. certificate and crl_entry are derived of documents and CRLs.

CREATE TABLE @store@.crl (
	id uuid PRIMARY KEY,
	authority text NOT NULL,
	authority_id uuid NOT NULL,
	der bytea NOT NULL,
	chain bytea[],
	issuer text,
	this_update timestamptz,
	next_update timestamptz,
	known_at timestamptz NOT NULL,
	added_by text NOT NULL
);
COMMENT ON TABLE @store@.crl IS 'CRLs of the certificates that lead to an authority: insert authority, der (and chain); every other column is computed by verifying it; never changed or deleted';
COMMENT ON COLUMN @store@.crl.id IS 'Of the row of truth that says it: the same in every region';
COMMENT ON COLUMN @store@.crl.authority IS 'Beside whom it stands, by name: it concerns the documents of this key alone';
COMMENT ON COLUMN @store@.crl.der IS 'The CRL, DER';
COMMENT ON COLUMN @store@.crl.chain IS 'Certificates (DER) of its issuer, his own first, that lead to the authority; NULL: the authority''s own key issued it';
COMMENT ON COLUMN @store@.crl.known_at IS 'Since when this store knows it';

CREATE TABLE @store@.crl_entry (
	crl uuid NOT NULL,
	authority uuid NOT NULL,
	issuer bytea NOT NULL,
	serial bytea NOT NULL,
	revoked_at timestamptz NOT NULL,
	reason smallint NOT NULL
);
CREATE INDEX crl_entry_crl ON @store@.crl_entry (crl);
CREATE INDEX crl_entry_certificate ON @store@.crl_entry (pg_catalog.sha256(issuer OPERATOR(pg_catalog.||) serial));
COMMENT ON TABLE @store@.crl_entry IS 'One revoked certificate of a CRL a row (derived)';
COMMENT ON COLUMN @store@.crl_entry.issuer IS 'DER Name';

CREATE TABLE @store@.certificate (
	manifest uuid NOT NULL,
	truth uuid NOT NULL,
	ordinal integer NOT NULL,
	issuer bytea NOT NULL,
	serial bytea NOT NULL,
	issuer_name text NOT NULL,
	subject text NOT NULL,
	not_before timestamptz NOT NULL,
	not_after timestamptz NOT NULL,
	PRIMARY KEY (manifest, truth, ordinal)
);
CREATE INDEX certificate_certificate ON @store@.certificate (pg_catalog.sha256(issuer OPERATOR(pg_catalog.||) serial));
COMMENT ON TABLE @store@.certificate IS 'One certificate that a document of a manifest brings along a row, the signer''s first (derived)';
COMMENT ON COLUMN @store@.certificate.truth IS 'The row of truth with the document';
COMMENT ON COLUMN @store@.certificate.issuer IS 'DER Name';

CREATE TRIGGER crl_verify BEFORE INSERT OR UPDATE OR DELETE ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.crl_verify();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER crl_verify;

CREATE TRIGGER crl_derive AFTER INSERT ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.crl_derive();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER crl_derive;
