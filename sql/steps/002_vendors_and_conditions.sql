-- What takes more arguments now, the template makes anew.
DROP FUNCTION IF EXISTS @store@.load(coserv.document, text, bytea);
DROP FUNCTION IF EXISTS @store@.try_load(coserv.document, text, bytea);
DROP FUNCTION IF EXISTS @store@.set_policy(boolean, boolean, boolean);
-- Documents in vendors' own forms: those that are there are CoRIMs, and no authority's chains are judged at a moment of their own.
ALTER TABLE @store@.authority ADD COLUMN chains_judged_at timestamptz;
ALTER TABLE @store@.manifest ADD COLUMN format text NOT NULL DEFAULT 'corim', ADD COLUMN generation integer;
ALTER TABLE @store@.manifest ALTER COLUMN format DROP DEFAULT;
ALTER TABLE @store@.policy ADD COLUMN generation integer NOT NULL DEFAULT 0 CHECK (generation OPERATOR(pg_catalog.>=) 0);
-- Indexes by environment in parts, which the template makes anew, and what conditional endorsements (10) and series (8) ask for.
DROP INDEX IF EXISTS @store@.triple_environment_gin, @store@.triple_environment_environment_gin;
ALTER TABLE @store@.triple_environment ADD COLUMN kind smallint;
UPDATE @store@.triple_environment e SET kind = t.kind FROM @store@.triple t
	WHERE t.manifest OPERATOR(pg_catalog.=) e.manifest AND t.ordinal OPERATOR(pg_catalog.=) e.ordinal;
ALTER TABLE @store@.triple_environment ALTER COLUMN kind SET NOT NULL;
CREATE TABLE @store@.triple_condition (
	manifest uuid NOT NULL,
	ordinal integer NOT NULL,
	anchor bigint NOT NULL,
	key bigint NOT NULL,
	minimum bigint NOT NULL,
	live boolean NOT NULL DEFAULT true
);
INSERT INTO @store@.triple_condition (manifest, ordinal, anchor, key, minimum, live)
	SELECT t.manifest, t.ordinal, c.anchor, c.key, c.minimum, t.live FROM @store@.triple t, LATERAL coserv.triple_asks(t.kind, t.content) c
	WHERE t.kind OPERATOR(pg_catalog.=) ANY ('{10,8}'::pg_catalog.int2[]);
