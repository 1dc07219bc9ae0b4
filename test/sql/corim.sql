-- The type corim: whole documents, byte for byte; the envelope is looked at, the content is not.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

-- kept as they came, in whatever encoding
SELECT '501({1: [], 0: "id"})'::corim, '18([<<{1: -7}>>, {}, <<501({0: "id", 1: []})>>, h''00''])'::corim;
SELECT c::bytea, c::text::corim = c, c::bytea::corim = c, c::cbor::corim = c, corim_send(c) = c::bytea FROM (SELECT '501({1: [], 0: "id"})'::corim c) s;
SELECT '501({1: [], 0: "id"})'::corim = '501({0: "id", 1: []})';
SELECT describe('501({0: "id", 1: [506(<<{1: {0: "tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 552(2)}}]]]}}>>)]})'::corim);
SELECT c::cbor #>> '[0]' FROM (SELECT '501({1: [], 0: "id"})'::corim c) s;

SELECT '17'::corim;
SELECT '"text"'::corim;
SELECT '\xd901f5'::corim;
SELECT '502({0: "id"})'::corim, '500(501({0: "id", 1: []}))'::corim;
SET coserv.accept_legacy = off;
SELECT '500(501({0: "id", 1: []}))'::corim;
\echo :LAST_ERROR_SQLSTATE
RESET coserv.accept_legacy;
