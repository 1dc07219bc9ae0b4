-- Everything wrong or notable about a document, without loading it.

CREATE FUNCTION inspect(document document)
	RETURNS TABLE (severity text, path text, "offset" bigint, rule text, message text, found text, section text)
	AS 'MODULE_PATHNAME', 'coserv_inspect'
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION inspect(document) IS 'All that is wrong or notable about a document of any sort, by offset: error (load would refuse it), legacy, warning, note';
