-- What leads from a signature to an authority. Of what is there it is not known: it is found when whose it is is decided again.
ALTER TABLE @store@.manifest ADD COLUMN signer uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE @store@.manifest ALTER COLUMN signer DROP DEFAULT;
ALTER TABLE @store@.manifest_document ADD COLUMN signer uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE @store@.manifest_document ALTER COLUMN signer DROP DEFAULT;
DROP INDEX IF EXISTS @store@.manifest_authority;
-- Functions whose arguments are others now, and what calls them.
DROP FUNCTION IF EXISTS @store@.impact_of_load(coserv.document, text, bytea, timestamptz);
DROP FUNCTION IF EXISTS @store@.impact_of_revocation(uuid, text, text, numeric, timestamptz);
DROP FUNCTION IF EXISTS @store@.impact(bytea, bytea, uuid, text, text, numeric, timestamptz);
