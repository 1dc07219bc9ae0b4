-- document: bytes that are handed over to be looked at, whatever they are. Functions that judge documents take it, so that their callers may
-- have bytea, text, varchar, corim or an untyped parameter, and so that what is wrong is told by the function and not by a cast before it.
CREATE TYPE document;

CREATE FUNCTION document_in(cstring) RETURNS document
	AS 'MODULE_PATHNAME', 'cs_document_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION document_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to document; nothing is checked beyond that';

CREATE FUNCTION document_out(document) RETURNS cstring
	AS 'byteaout'
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION document_out(document) IS 'I/O: document as bytea is shown';

CREATE FUNCTION document_recv(internal) RETURNS document
	AS 'bytearecv'
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION document_recv(internal) IS 'I/O: bytes to document';

CREATE FUNCTION document_send(document) RETURNS bytea
	AS 'byteasend'
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION document_send(document) IS 'I/O: document to its bytes';

CREATE TYPE document (
	INPUT = document_in, OUTPUT = document_out, RECEIVE = document_recv, SEND = document_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE document IS 'bytes that a function is to judge: nothing about them has been checked';

CREATE CAST (bytea AS document) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (bytea AS document) IS 'the same bytes';

CREATE CAST (document AS bytea) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (document AS bytea) IS 'the same bytes';

CREATE CAST (text AS document) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS document) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS document) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS document) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (corim AS document) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (corim AS document) IS 'the document itself';

CREATE CAST (coserv AS document) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (coserv AS document) IS 'the query or result itself';

CREATE CAST (cbor AS document) WITHOUT FUNCTION AS IMPLICIT;
COMMENT ON CAST (cbor AS document) IS 'the item itself';

CREATE FUNCTION vendor_formats(OUT format text, OUT media_type text, OUT signer text) RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'coserv_vendor_formats';
COMMENT ON FUNCTION vendor_formats() IS 'Forms of vendors that load() takes beside CoRIMs: as manifest.format names them, under which media type they go out and come in over HTTP, and who signs them';
