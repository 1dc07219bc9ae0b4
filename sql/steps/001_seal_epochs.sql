-- Seals of the audit cover epochs. Those that are there cover none.
ALTER TABLE @store@.audit_seal ADD COLUMN known_until timestamptz, ADD COLUMN epochs bigint, ADD COLUMN epoch_root bytea;
