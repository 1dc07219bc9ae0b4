-- What a gateway asks beside http(): documents that are handed in, and figures to watch.

CREATE FUNCTION @store@.provision(method text, path text, request_headers jsonb, content bytea, identity text,
								  OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT r.status, r.headers, r.body
		FROM coserv.provision(@store_literal@::pg_catalog.regnamespace, method, path, request_headers, content, identity) AS r;
	END;
COMMENT ON FUNCTION @store@.provision(text, text, jsonb, bytea, text) IS 'Handing documents in over HTTP (doc/gateway.md): a request, its body and the role that sends it in; status, headers and body out';

CREATE FUNCTION @store@.metrics() RETURNS TABLE (name text, help text, value double precision)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT 'coserv_store_documents'::pg_catalog.text, 'Documents that count now'::pg_catalog.text,
			(SELECT pg_catalog.count(*) FROM @store@.manifests_at(NULL::pg_catalog.timestamptz))::pg_catalog.float8
		UNION ALL SELECT 'coserv_store_expiring'::pg_catalog.text,
			'Documents, trust lists, authorities, certificates and CRLs that lapse within 30 days'::pg_catalog.text,
			(SELECT pg_catalog.count(*) FROM @store@.expiring('30 days'::pg_catalog.interval))::pg_catalog.float8
		UNION ALL SELECT 'coserv_store_replay_lag_seconds'::pg_catalog.text,
			'How old the answers of this standby may be; 0: a primary, or nothing is left to replay; NaN: not known'::pg_catalog.text,
			COALESCE(EXTRACT(epoch FROM coserv.replay_lag())::pg_catalog.float8, 'NaN'::pg_catalog.float8);
	END;
COMMENT ON FUNCTION @store@.metrics() IS 'Figures of the store for a monitor, one a row';

-- Not truth and not derived: what this server answered. It may be partitioned, moved or deleted from as its owner likes (doc/operations.md).
CREATE TABLE @store@.answer (
	at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	who text NOT NULL DEFAULT current_user,
	query bytea NOT NULL,
	digest bytea NOT NULL,
	is_signed boolean NOT NULL
);
CREATE INDEX answer_at ON @store@.answer USING brin (at);
COMMENT ON TABLE @store@.answer IS 'Answers to queries over HTTP while coserv.log_answers is on: never publish it';
COMMENT ON COLUMN @store@.answer.at IS 'When it was answered';
COMMENT ON COLUMN @store@.answer.who IS 'The role that asked';
COMMENT ON COLUMN @store@.answer.query IS 'The CoSERV query as it came, CBOR';
COMMENT ON COLUMN @store@.answer.digest IS 'SHA-256 of the unsigned result; of a signed one, of its payload';
COMMENT ON COLUMN @store@.answer.is_signed IS 'Whether it was answered signed';
