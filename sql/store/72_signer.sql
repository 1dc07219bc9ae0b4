-- Whose documents name this signer: for the hint of a document that nobody vouches for.
CREATE INDEX manifest_signer_name ON @store@.manifest (signer_name, authority_id) WHERE signer_name IS NOT NULL;
