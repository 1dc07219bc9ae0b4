-- Documents in vendors' forms are manifests too, and a policy says which generation of Intel's answers. Functions that have more arguments now
-- would else stand beside those of before.
ALTER TABLE @store@.manifest ADD COLUMN format text NOT NULL DEFAULT 'corim', ADD COLUMN generation integer;
ALTER TABLE @store@.manifest ALTER COLUMN format DROP DEFAULT;
ALTER TABLE @store@.policy ADD COLUMN generation integer NOT NULL DEFAULT 0 CHECK (generation >= 0);
DROP FUNCTION IF EXISTS @store@.load(coserv.document, text, bytea), @store@.try_load(coserv.document, text, bytea),
	@store@.set_policy(boolean, boolean, boolean);
