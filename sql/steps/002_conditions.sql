-- Conditional endorsements (kinds 8 and 10) have indexes of their own, and what they ask for is a table, read from the documents.
DROP INDEX IF EXISTS @store@.triple_environment_gin, @store@.triple_environment_environment_gin;
ALTER TABLE @store@.triple_environment ADD COLUMN kind smallint;
UPDATE @store@.triple_environment e SET kind = t.kind FROM @store@.triple t WHERE t.manifest = e.manifest AND t.ordinal = e.ordinal;
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
	SELECT m.id, c.ordinal, c.anchor, c.key, c.minimum, t.live
	FROM @store@.manifest m JOIN @store@.truth r ON r.id = m.truth JOIN LATERAL coserv.truth_document(r.body) d ON true
		JOIN LATERAL coserv.triple_conditions(COALESCE(d.payload, d.document)) c ON true
		JOIN @store@.triple t ON t.manifest = m.id AND t.ordinal = c.ordinal;
