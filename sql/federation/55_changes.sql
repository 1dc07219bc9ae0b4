-- What has changed at the members since a cursor (doc/changes.md).

CREATE FUNCTION @store@.cursor() RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.federation_cursor(@store_literal@::pg_catalog.regnamespace);
COMMENT ON FUNCTION @store@.cursor() IS 'What each member has told until now, as text: ask for it before what is kept, and changes() of it later. It is good for as long as the same is placed at the same members';

CREATE FUNCTION @store@.changes(since text DEFAULT NULL)
	RETURNS TABLE (statement uuid, what text, known_at timestamptz, environments coserv.environment[], name text, by_authority text,
				   counts tstzmultirange, cursor text, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT c.* FROM coserv.federation_changes(@store_literal@::pg_catalog.regnamespace, changes.since) c
		ORDER BY c.known_at, c.statement, c.what, c.name, c.member;
	END;
COMMENT ON FUNCTION @store@.changes(text) IS 'What has changed at members since a cursor, of the authorities that are placed there, and of policies and profiles; known_at is the member''s moment; since NULL: all that ever was';
