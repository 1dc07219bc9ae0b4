-- Hot standbys (doc/replicas.md): how far behind one is, and waiting until it has come to a place in the log.

CREATE FUNCTION replay_lag() RETURNS interval
	LANGUAGE sql VOLATILE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery()
				OR (EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) AND pg_catalog.pg_last_wal_receive_lsn() OPERATOR(pg_catalog.<=) pg_catalog.pg_last_wal_replay_lsn())
			THEN '0'::interval ELSE GREATEST(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.pg_last_xact_replay_timestamp(), '0'::interval) END;
	END;
COMMENT ON FUNCTION replay_lag() IS 'How old this server''s answers may be: 0 on a primary, and on a standby that is connected and has replayed all that it received; else the age of the last transaction that it replayed; NULL: it has replayed none';

-- Each look is a transaction of its own: a snapshot that was held meanwhile could be what the replay waits for. What commits cannot set its
-- search_path, so every name is qualified.
CREATE PROCEDURE wait_for_replay(lsn pg_lsn, timeout interval DEFAULT '10 s')
	LANGUAGE plpgsql AS $$
DECLARE
	give_up pg_catalog.timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) timeout;
BEGIN
	WHILE pg_catalog.pg_is_in_recovery() AND pg_catalog.pg_last_wal_replay_lsn() OPERATOR(pg_catalog.<) lsn LOOP
		IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>) give_up THEN
			RAISE EXCEPTION 'this standby has not replayed % within %', lsn, timeout
				USING ERRCODE = 'lock_not_available', DETAIL = pg_catalog.format('It has come to %s.', pg_catalog.pg_last_wal_replay_lsn()),
					HINT = 'Ask another server, or the primary.';
		END IF;
		COMMIT;
		PERFORM pg_catalog.pg_sleep(0.001);
	END LOOP;
	COMMIT;
END $$;
COMMENT ON PROCEDURE wait_for_replay(pg_lsn, interval) IS 'Wait until this standby has replayed its primary''s log up to a place, pg_current_wal_lsn() of who has committed there: the next statement sees that; outside a transaction alone. On a primary nothing is waited for; too late: 55P03';
