-- coserv.sign: every form that it makes validates and loads.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set firmware `cat :'srcdir'/../examples/acme-firmware.edn`
SELECT coserv.create_store('regress_sign');
INSERT INTO regress_sign.authority (name, key) VALUES ('acme', :'acme_pub');
SELECT (:'firmware'::coserv.corim)::bytea AS plain \gset

-- headers, by their EDN
CREATE TEMP TABLE form (name text, document coserv.corim, payload bytea);
INSERT INTO form VALUES
	('claims', coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'cwt-claims', not_before => '2026-01-01', not_after => '2090-01-01')),
	('no end', coserv.sign(:'firmware', :'acme_key', 'acme', not_before => '2026-01-01')),
	('meta', coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'corim-meta', signer_uri => 'https://acme.example',
						 not_before => '2026-01-01', not_after => '2090-01-01')),
	('meta without validity', coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'corim-meta')),
	('both', coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'both', not_before => '2026-01-01', not_after => '2090-01-01')),
	('kid', coserv.sign(:'firmware', :'acme_key', 'acme', kid => 'acme-1'));
INSERT INTO form VALUES
	('detached', coserv.sign(:'firmware', :'acme_key', 'acme', detached => true), :'plain'),
	('hash envelope', coserv.sign(:'firmware', :'acme_key', 'acme', hash_envelope => true), :'plain'),
	('detached hash envelope', coserv.sign(:'firmware', :'acme_key', 'acme', hash_envelope => true, detached => true), :'plain');
SELECT name, coserv.cbor_embedded(document::coserv.cbor OPERATOR(coserv.->) 0) AS protected,
	coserv.cbor_typeof(document::coserv.cbor OPERATOR(coserv.->) 2) AS payload FROM form;

-- each loads, and its triples are the same
SELECT name, regress_sign.load(document::bytea, payload => payload) AS id FROM form;
SELECT f.name, m.signer_name, m.not_before, m.not_after, m.is_signed, d.payload = f.payload AS payload_kept, d.document = f.document::bytea AS document_kept,
	(SELECT count(*) FROM regress_sign.triple t WHERE t.manifest = m.id) AS triples, m.legacy
FROM form f JOIN (regress_sign.manifest m CROSS JOIN LATERAL coserv.document('regress_sign', m.id) d) ON d.document = f.document::bytea ORDER BY f.name COLLATE "C";

-- how it is answered: a detached payload back in its place, where the signature still verifies
SELECT f.name, c.document = d.document AS as_stored, length(c.document) > length(d.document) AS payload_added
FROM form f JOIN (regress_sign.manifest m CROSS JOIN LATERAL coserv.document('regress_sign', m.id) d) ON d.document = f.document::bytea JOIN regress_sign.manifests_at(now()) c ON c.id = m.id
WHERE f.payload IS NOT NULL ORDER BY 1;
SELECT regress_sign.load(coserv.conveyed(document::bytea, payload)) AS attached FROM form WHERE name = 'detached';

-- what is no form
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'jwt');
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'corim-meta', not_before => '2026-01-01');
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', metadata => 'cwt-claims', signer_uri => 'https://acme.example');
SELECT coserv.sign(:'firmware', :'acme_key', NULL);
SELECT coserv.sign('{0: "bare", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "A"}}, [{1: {11: "x"}}]]]}}>>)]}', :'acme_key', 'acme', detached => true);
SELECT coserv.sign(document, :'acme_key', 'acme') FROM form WHERE name = 'claims';

-- EDN, JSON and bytes, by what they are: the same document, and so the same payload.
SELECT how, coserv.cbor_embedded(signed::coserv.cbor OPERATOR(coserv.->) 2)::bytea = :'firmware'::coserv.corim::bytea AS same_payload FROM (
	SELECT 'EDN', coserv.sign(:'firmware', :'acme_key', 'acme')
	UNION ALL SELECT 'corim', coserv.sign(:'firmware'::coserv.corim, :'acme_key', 'acme')
	UNION ALL SELECT 'bytea', coserv.sign(:'firmware'::coserv.corim::bytea, :'acme_key', 'acme')
	UNION ALL SELECT 'jsonb', coserv.sign(:'firmware'::coserv.corim::jsonb, :'acme_key', 'acme')
	UNION ALL SELECT 'text of JSON', coserv.sign(:'firmware'::coserv.corim::jsonb::text, :'acme_key', 'acme')) AS f (how, signed);
SELECT coserv.sign('{"id": "no tags"}', :'acme_key', 'acme');
SELECT coserv.sign('{"id": "a", "tags": ', :'acme_key', 'acme');

SELECT coserv.drop_store('regress_sign');
