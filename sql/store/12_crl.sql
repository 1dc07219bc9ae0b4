-- Certificate revocation lists (RFC 5280 section 5) beside an authority. crl is truth: publish it. certificate and crl_entry are
-- derived in each region.

CREATE TABLE @store@.crl (
	id uuid PRIMARY KEY,
	authority text NOT NULL REFERENCES @store@.authority (name),
	der bytea NOT NULL,
	chain bytea[],
	issuer text,
	this_update timestamptz,
	next_update timestamptz,
	refused text,
	known_at timestamptz NOT NULL,
	added_by text NOT NULL
);
CREATE INDEX crl_refused ON @store@.crl (authority) WHERE refused IS NOT NULL;
COMMENT ON TABLE @store@.crl IS 'CRLs of the certificates that lead to an authority: insert authority, der (and chain); every other column is computed by verifying it; never changed or deleted';
COMMENT ON COLUMN @store@.crl.id IS 'UUIDv8 from digests of authority and der: the same in every region';
COMMENT ON COLUMN @store@.crl.authority IS 'Beside whom it stands: it concerns this authority''s documents alone';
COMMENT ON COLUMN @store@.crl.der IS 'The CRL, DER';
COMMENT ON COLUMN @store@.crl.chain IS 'Certificates (DER) of its issuer, his own first, that lead to the authority; NULL: the authority''s own key issued it';
COMMENT ON COLUMN @store@.crl.refused IS 'Why a replicated CRL was set aside; such a row revokes nothing';
COMMENT ON COLUMN @store@.crl.known_at IS 'Since when this store knows it';

CREATE TABLE @store@.crl_entry (
	crl uuid NOT NULL,
	authority text NOT NULL,
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
	ordinal integer NOT NULL,
	issuer bytea NOT NULL,
	serial bytea NOT NULL,
	issuer_name text NOT NULL,
	subject text NOT NULL,
	not_before timestamptz NOT NULL,
	not_after timestamptz NOT NULL,
	PRIMARY KEY (manifest, ordinal)
);
CREATE INDEX certificate_certificate ON @store@.certificate (pg_catalog.sha256(issuer OPERATOR(pg_catalog.||) serial));
COMMENT ON TABLE @store@.certificate IS 'One certificate that a manifest brings along a row, the signer''s first (derived)';
COMMENT ON COLUMN @store@.certificate.issuer IS 'DER Name';

CREATE TRIGGER crl_verify BEFORE INSERT OR UPDATE OR DELETE ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.crl_verify();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER crl_verify;

CREATE TRIGGER crl_derive AFTER INSERT OR UPDATE ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.crl_derive();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER crl_derive;

CREATE TRIGGER settle AFTER INSERT ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER settle;

CREATE TRIGGER authority_crls AFTER INSERT ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.crl_retry();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER authority_crls;

CREATE TRIGGER manifest_certificates AFTER INSERT OR UPDATE OR DELETE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_certificates();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_certificates;
