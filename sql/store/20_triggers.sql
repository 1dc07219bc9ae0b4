-- ENABLE ALWAYS: a logical replication worker runs them too, so that each region verifies everything itself.

CREATE TRIGGER truth_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.truth
	FOR EACH ROW EXECUTE FUNCTION coserv.truth_guard();
ALTER TABLE @store@.truth ENABLE ALWAYS TRIGGER truth_guard;

CREATE TRIGGER truth_arrives AFTER INSERT ON @store@.truth
	FOR EACH ROW EXECUTE FUNCTION coserv.truth_arrives();
ALTER TABLE @store@.truth ENABLE ALWAYS TRIGGER truth_arrives;

CREATE TRIGGER manifest_verify BEFORE INSERT OR UPDATE OR DELETE ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_verify();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_verify;

CREATE TRIGGER manifest_derive AFTER INSERT ON @store@.manifest
	FOR EACH ROW EXECUTE FUNCTION coserv.manifest_derive();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER manifest_derive;

CREATE TRIGGER said_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.said_guard();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER said_guard;

CREATE TRIGGER said AFTER INSERT OR UPDATE OR DELETE ON @store@.authority
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.authority ENABLE ALWAYS TRIGGER said;

CREATE TRIGGER said_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.revocation
	FOR EACH ROW EXECUTE FUNCTION coserv.said_guard();
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER said_guard;

CREATE TRIGGER said AFTER INSERT ON @store@.revocation
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.revocation ENABLE ALWAYS TRIGGER said;

CREATE TRIGGER said_guard BEFORE INSERT OR UPDATE OR DELETE ON @store@.policy
	FOR EACH ROW EXECUTE FUNCTION coserv.said_guard();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER said_guard;

CREATE TRIGGER said AFTER INSERT ON @store@.policy
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER said;

CREATE TRIGGER said AFTER INSERT ON @store@.crl
	FOR EACH ROW EXECUTE FUNCTION coserv.said();
ALTER TABLE @store@.crl ENABLE ALWAYS TRIGGER said;

-- Sessions keep what these say from one answer to the next (src/pg/store/kept.h).

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.settled FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.settled ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.policy FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.policy ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.manifest FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.manifest ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.manifest_life FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.manifest_life ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.authority_life FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.authority_life ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.tag_life FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.tag_life ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.triple FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.triple ENABLE ALWAYS TRIGGER forget;

CREATE TRIGGER forget AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON @store@.triple_environment FOR EACH STATEMENT EXECUTE FUNCTION coserv.forget();
ALTER TABLE @store@.triple_environment ENABLE ALWAYS TRIGGER forget;
