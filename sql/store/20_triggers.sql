-- ENABLE ALWAYS: a logical replication worker runs them too, so that each region verifies every document itself.

CREATE TRIGGER manifest_verify BEFORE INSERT OR UPDATE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_verify();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_verify;

CREATE TRIGGER manifest_derive AFTER INSERT OR UPDATE OR DELETE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_derive();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_derive;

CREATE TRIGGER authority_guard BEFORE INSERT OR UPDATE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.truth_guard();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER authority_guard;

CREATE TRIGGER authority_change AFTER INSERT OR UPDATE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.authority_change();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER authority_change;

CREATE TRIGGER revocation_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.revocation
	FOR EACH ROW EXECUTE FUNCTION coserv.truth_guard();
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER revocation_guard;

CREATE TRIGGER policy_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.policy
	FOR EACH ROW EXECUTE FUNCTION coserv.truth_guard();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER policy_guard;

-- The moment from which a row is known is written last of all, at commit.
CREATE TRIGGER settle AFTER INSERT ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER settle;

CREATE TRIGGER settle AFTER INSERT ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER settle;

-- What was set aside and now verifies is known from now on.
CREATE TRIGGER settle_again AFTER UPDATE ON @store@.manifest
	FOR EACH ROW WHEN (OLD.refused IS NOT NULL AND NEW.refused IS NULL) EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER settle_again;

CREATE TRIGGER settle AFTER INSERT ON @store@.revocation
	FOR EACH ROW EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER settle;

CREATE TRIGGER settle AFTER INSERT ON @store@.policy
	FOR EACH ROW EXECUTE FUNCTION coserv.settle();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER settle;
