-- ENABLE ALWAYS: a logical replication worker runs them too, so that each region verifies every document itself.

CREATE TRIGGER manifest_verify BEFORE INSERT OR UPDATE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_verify();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_verify;

CREATE TRIGGER manifest_derive AFTER INSERT OR UPDATE OR DELETE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_derive();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_derive;

CREATE TRIGGER authority_change AFTER INSERT OR UPDATE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.authority_change();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER authority_change;
