-- Which form the tables of this store have: sql/steps brings those of an older one to it (coserv.upgrade_store).

CREATE FUNCTION @store@.form() RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN @form@;
COMMENT ON FUNCTION @store@.form() IS 'The form of the store''s tables; coserv.upgrade_store brings an older one to that of the extension';
