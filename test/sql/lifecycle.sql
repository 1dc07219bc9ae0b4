-- Lifecycle: revoking and taking back, what would change, what lapses, what contradicts itself.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
SELECT coserv.create_store('regress_life');
INSERT INTO regress_life.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', true);

-- a CoRIM with one CoMID; triples as EDN of the triples-map, links as EDN of linked-tags
CREATE FUNCTION corim(tag text, version int, triples text, links text DEFAULT '', validity text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s/%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}%4$s, 4: %3$s}>>)]%5$s})', tag, version, triples,
		CASE WHEN links <> '' THEN ', 3: ' || links ELSE '' END, CASE WHEN validity <> '' THEN ', 4: ' || validity ELSE '' END)::coserv.corim::bytea
$$;
-- a CoRIM with one CoTL that activates tags
CREATE FUNCTION cotl(tag text, activated text[], validity text DEFAULT '{1: 1(4000000000)}') RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s", 1: [508(<<{0: {0: "%1$s"}, 1: [%2$s], 2: %3$s}>>)]})', tag,
		(SELECT string_agg(format('{0: "%s"}', a), ', ') FROM unnest(activated) a), validity)::coserv.corim::bytea
$$;
-- a reference triple about a model with a security version
CREATE FUNCTION svn(model text, VARIADIC versions int[]) RETURNS text LANGUAGE sql AS $$
	SELECT format('{0: [%s]}', string_agg(format('[{0: {1: "ACME", 2: "%s"}}, [{0: "boot", 1: {1: %s}}]]', model, v), ', ')) FROM unnest(versions) v
$$;

-- revoke names what is there, and says why
SELECT regress_life.load(corim('boot', 1, svn('Rocket', 1)), 'acme') AS one \gset
SELECT regress_life.revoke(reason => 'nothing named');
SELECT regress_life.revoke(manifest => :'one', authority => 'acme', reason => 'both');
SELECT regress_life.revoke(manifest => :'one');
SELECT regress_life.revoke(manifest => :'one', reason => '');
SELECT regress_life.revoke(tag_id => 'boot', reason => 'whose?');
SELECT regress_life.revoke(authority => 'acme', tag_version => 1, reason => 'of what?');
SELECT regress_life.revoke(manifest => '00000000-0000-0000-0000-000000000000', reason => 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_life.revoke(authority => 'nobody', reason => 'x');
SELECT regress_life.revoke(authority => 'acme', tag_id => 'boots', reason => 'x');
SELECT regress_life.revoke(authority => 'certifier', tag_id => 'boot', reason => 'x');
SELECT regress_life.revoke(authority => 'acme', tag_id => 'boot', tag_version => 2, reason => 'x');
SELECT regress_life.revoke(manifest => :'one', reason => 'x', effective_from => NULL);
SELECT count(*) FROM regress_life.revocation;

-- and is taken back once
SELECT count(*) FROM regress_life.reference_value;
SELECT regress_life.revoke(authority => 'acme', tag_id => 'boot', tag_version => 1, reason => 'recalled') AS r \gset
SELECT count(*) FROM regress_life.reference_value;
SELECT regress_life.unrevoke(:'r', '');
SELECT regress_life.unrevoke(:'one', 'no revocation');
SELECT regress_life.unrevoke(:'r', 'recalled the wrong one') AS u \gset
SELECT count(*) FROM regress_life.reference_value;
SELECT regress_life.unrevoke(:'r', 'again');
SELECT regress_life.unrevoke(:'u', 'undo the undoing');
SELECT regress_life.revoke(manifest => :'one', reason => 'from next year', effective_from => '2100-01-01') IS NOT NULL AS revoked;
SELECT count(*) AS now FROM regress_life.reference_value;
SELECT count(*) AS then FROM regress_life.triples_at('2100-01-01');
SELECT r.tag_id, r.tag_version, r.undoes IS NOT NULL AS undoes, r.reason, r.effective_from = '2100-01-01' AS later FROM regress_life.revocation r ORDER BY r.known_at;

-- impact: nothing is done
CREATE FUNCTION rows_of_all() RETURNS text LANGUAGE sql AS $$
	SELECT format('%s %s %s %s %s %s', (SELECT count(*) FROM regress_life.manifest), (SELECT count(*) FROM regress_life.tag),
		(SELECT count(*) FROM regress_life.triple), (SELECT count(*) FROM regress_life.revocation), (SELECT count(*) FROM regress_life.audit),
		(SELECT count(*) FROM regress_life.triple_environment))
$$;
SELECT rows_of_all() AS before \gset
-- another statement of the same value by the same authority: it is not lost with the first
SELECT regress_life.load(corim('other', 1, svn('Rocket', 7)), 'acme') IS NOT NULL AS loaded;
SELECT regress_life.load(corim('third', 1, svn('Rocket', 7, 8)), 'acme') AS third \gset
SELECT rows_of_all() AS before \gset
SELECT change, environment, kind, by_authority, triple FROM regress_life.impact_of_revocation(manifest => :'third');
SELECT change, environment, kind, by_authority, triple FROM regress_life.impact_of_revocation(authority => 'acme');
SELECT change, triple FROM regress_life.impact_of_revocation(authority => 'acme', tag_id => 'boot');
SELECT change, triple FROM regress_life.impact_of_revocation(manifest => :'one', as_of => '2100-01-01');
SELECT change, triple FROM regress_life.impact_of_revocation(manifest => '00000000-0000-0000-0000-000000000000');
-- a newer version takes the place of the old one; an older one changes nothing; a known one neither
SELECT change, environment, triple FROM regress_life.impact_of_load(corim('boot', 2, svn('Rocket', 2)), 'acme');
SELECT change, triple FROM regress_life.impact_of_load(corim('boot', 0, svn('Rocket', 3)), 'acme');
SELECT change, triple FROM regress_life.impact_of_load(corim('boot', 1, svn('Rocket', 1)), 'acme');
-- of another authority, the same tag id is another tag
SELECT change, by_authority, triple FROM regress_life.impact_of_load(corim('boot', 2, svn('Rocket', 2)), 'certifier');
-- replaces
SELECT change, triple FROM regress_life.impact_of_load(corim('boot-ng', 1, svn('Rocket', 4), '[{0: "boot", 1: 1}]'), 'acme');
-- what does not begin yet
SELECT change, triple FROM regress_life.impact_of_load(corim('boot', 9, svn('Rocket', 9), validity => '{0: 1(4000000000), 1: 1(4100000000)}'), 'acme');
SELECT change, triple FROM regress_life.impact_of_load(corim('boot', 9, svn('Rocket', 9), validity => '{0: 1(4000000000), 1: 1(4100000000)}'), 'acme',
	as_of => to_timestamp(4000000001));
-- refused is refused
SELECT * FROM regress_life.impact_of_load('\x00', 'acme');
SELECT * FROM regress_life.impact_of_load(corim('boot', 2, svn('Rocket', 2)));
SELECT rows_of_all() = :'before' AS nothing_remains;
BEGIN;
SELECT count(*) FROM regress_life.impact_of_load(corim('boot', 2, svn('Rocket', 2)), 'acme');
SAVEPOINT s;
SELECT count(*) FROM regress_life.impact_of_load('\x00', 'acme');
ROLLBACK TO s;
SELECT count(*) FROM regress_life.impact_of_load(corim('boot', 2, svn('Rocket', 2)), 'acme');
COMMIT;
SELECT rows_of_all() = :'before' AS nothing_remains;

-- revoking the newer version brings the older one back, and whatever it replaced
SELECT regress_life.load(corim('boot', 2, svn('Rocket', 2), '[{0: "third", 1: 1}]'), 'acme') AS two \gset
SELECT change, triple FROM regress_life.impact_of_revocation(manifest => :'two');
SELECT regress_life.revoke(manifest => :'two', reason => 'bad') IS NOT NULL AS revoked;
SELECT triple FROM regress_life.current_triple ORDER BY triple;

-- with CoTLs: a CoTL is what brings all of its tags, and a tag completes one
SELECT regress_life.set_policy(require_cotl => true) IS NOT NULL AS set;
SELECT count(*) FROM regress_life.current_triple;
SELECT change, triple FROM regress_life.impact_of_load(cotl('list', ARRAY['other', 'third']), 'acme');
SELECT change, triple FROM regress_life.impact_of_load(cotl('list', ARRAY['other', 'fourth']), 'acme');
SELECT regress_life.load(cotl('list', ARRAY['other', 'fourth']), 'acme') AS list \gset
SELECT count(*) FROM regress_life.current_triple;
SELECT change, triple FROM regress_life.impact_of_load(corim('fourth', 1, svn('Rocket', 44)), 'acme');
SELECT regress_life.load(corim('fourth', 1, svn('Rocket', 44)), 'acme') IS NOT NULL AS loaded;
SELECT triple FROM regress_life.current_triple ORDER BY triple;
SELECT change, triple FROM regress_life.impact_of_revocation(manifest => :'list');
SELECT regress_life.set_policy(require_cotl => false) IS NOT NULL AS set;

-- expiring: what ends, and what ends it
-- one day for all of it, also when it ends meanwhile
SELECT date_trunc('day', now()) AS today \gset
SET regress.today = :'today';
CREATE FUNCTION in_days(int) RETURNS text LANGUAGE sql AS $$ SELECT format('1(%s)', extract(epoch FROM current_setting('regress.today')::timestamptz)::bigint + 86400 * $1) $$;
SELECT coserv.drop_store('regress_life');
SELECT coserv.create_store('regress_life');
INSERT INTO regress_life.authority (name, key, accepts_unsigned, valid_until) VALUES ('acme', :'acme_pub', true, NULL),
	('short', :'certifier_pub', true, :'today'::timestamptz + interval '20 days');
SELECT regress_life.load(corim('rim', 1, svn('A', 1), validity => format('{1: %s}', in_days(10))), 'acme') IS NOT NULL AS rim,
	regress_life.load(corim('later', 1, svn('A', 1), validity => format('{1: %s}', in_days(100))), 'acme') IS NOT NULL AS later,
	regress_life.load(coserv.sign(corim('signed', 1, svn('A', 1), validity => format('{1: %s}', in_days(100)))::coserv.corim, :'acme_key', 'acme',
		not_after => :'today'::timestamptz + interval '5 days')::bytea) IS NOT NULL AS signed,
	regress_life.load(coserv.sign(corim('both', 1, svn('A', 1), validity => format('{1: %s}', in_days(6)))::coserv.corim, :'acme_key', 'acme',
		not_after => :'today'::timestamptz + interval '6 days')::bytea) IS NOT NULL AS both,
	regress_life.load(corim('bound', 1, svn('A', 1)), 'short') IS NOT NULL AS bound,
	regress_life.load(cotl('list', ARRAY['rim'], format('{1: %s}', in_days(7))), 'acme') IS NOT NULL AS cotl,
	regress_life.load(corim('forever', 1, svn('A', 1)), 'acme') IS NOT NULL AS forever;
SELECT what, name, bound, expires - :'today' AS in, by_authority, of_manifest IS NOT NULL AS manifest FROM regress_life.expiring('30 days');
SELECT what, name FROM regress_life.expiring('1 day');

-- conflicts: what two authorities say of one value is told apart by the rules of comparison
SELECT coserv.drop_store('regress_life');
SELECT coserv.create_store('regress_life');
INSERT INTO regress_life.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', true);
CREATE FUNCTION state(model text, authority text, kind int, VARIADIC mvals text[]) RETURNS void LANGUAGE sql AS $$
	SELECT regress_life.load(corim(format('%s %s %s', model, kind, authority), 1,
		format('{%s: [[{0: {1: "ACME", 2: "%s"}}, [%s]]]}', kind, model, (SELECT string_agg(format('{0: "boot", 1: %s}', m), ', ') FROM unnest(mvals) m))), authority)
$$;
SELECT state('same', 'acme', 0, '{1: 1}'), state('same', 'certifier', 0, '{1: 1}');
SELECT state('differ', 'acme', 0, '{1: 1}'), state('differ', 'certifier', 0, '{1: 552(2)}');
SELECT state('alternatives', 'acme', 0, '{1: 1}', '{1: 2}'), state('alternatives', 'certifier', 0, '{1: 2}', '{1: 3}');
SELECT state('floor', 'acme', 0, '{1: 5}'), state('floor', 'certifier', 0, '{1: 553(3)}');
SELECT state('digests', 'acme', 0, '{2: [[1, h''aa'']]}'), state('digests', 'certifier', 0, '{2: [[1, h''aa''], [7, h''bb'']]}');
SELECT state('other attributes', 'acme', 0, '{1: 1}'), state('other attributes', 'certifier', 0, '{11: "name"}');
SELECT state('other kinds', 'acme', 0, '{1: 1}'), state('other kinds', 'certifier', 1, '{1: 2}');
-- keys that are no codepoint of ours
SELECT state('beyond', 'acme', 0, '{1: 1, 18446744073709551615: 1}'), state('beyond', 'certifier', 0, '{1: 1, -18446744073709551616: 2}');
SELECT state('endorsed', 'acme', 1, '{11: "one"}'), state('endorsed', 'certifier', 1, '{11: "two"}');
SELECT conflict, environment, kind, mkey, codepoint, by_authority, value, other FROM regress_life.conflicts();
-- what was revoked contradicts nobody
SELECT regress_life.revoke(authority => 'certifier', reason => 'enough') IS NOT NULL AS revoked;
SELECT * FROM regress_life.conflicts();

-- series: an item behind one that holds whenever it does
CREATE FUNCTION shadowed(series text, common text DEFAULT '[]') RETURNS TABLE (item int, by int) LANGUAGE sql AS $$
	SELECT item, by FROM coserv.series_shadowed(format('[[{0: {1: "ACME"}}, %s], [%s]]', common, series)::coserv.cbor, NULL)
$$;
\set add '[{1: {11: "x"}}]'
-- the same condition; another one
SELECT * FROM shadowed('[[{1: {1: 1}}], ' || :'add' || '], [[{1: {1: 1}}], ' || :'add' || '], [[{1: {1: 2}}], ' || :'add' || ']');
-- floors: falling is right, rising is not
SELECT * FROM shadowed('[[{1: {1: 553(5)}}], ' || :'add' || '], [[{1: {1: 553(3)}}], ' || :'add' || ']');
SELECT * FROM shadowed('[[{1: {1: 553(3)}}], ' || :'add' || '], [[{1: {1: 553(5)}}], ' || :'add' || '], [[{1: {1: 7}}], ' || :'add' || '], [[{1: {1: 2}}], ' || :'add' || ']');
SELECT * FROM shadowed('[[{1: {1: 3}}], ' || :'add' || '], [[{1: {1: 553(3)}}], ' || :'add' || ']');
-- more conditions than the earlier item; other elements; fewer
SELECT * FROM shadowed('[[{0: 1, 1: {1: 1}}], ' || :'add' || '], [[{0: 1, 1: {1: 1}}, {0: 2, 1: {1: 1}}], ' || :'add' || '], [[{0: 2, 1: {1: 1}}], ' || :'add' || ']');
-- what the common condition asks for holds in every item
SELECT * FROM shadowed('[[{0: 1, 1: {1: 1}}], ' || :'add' || '], [[{0: 2, 1: {1: 1}}], ' || :'add' || ']', '[{0: 1, 1: {1: 1}}]');
-- an item that asks for an authority is narrower than one that does not, and not the other way
SELECT * FROM shadowed('[[{1: {1: 1}}], ' || :'add' || '], [[{1: {1: 1}, 2: [560(h''01'')]}], ' || :'add' || ']');
SELECT * FROM shadowed('[[{1: {1: 1}, 2: [560(h''01'')]}], ' || :'add' || '], [[{1: {1: 1}}], ' || :'add' || ']');
-- through a store
SELECT regress_life.load(corim('series', 1, '{8: [[[{0: {1: "ACME"}}, []], [[[{1: {1: 553(3)}}], [{1: {11: "old"}}]], [[{1: {1: 553(5)}}], [{1: {11: "new"}}]]]]]}'), 'acme') IS NOT NULL AS loaded;
SELECT conflict, environment, kind, by_authority, value, other, ordinal FROM regress_life.conflicts();
-- links to CoSWID tags that the same authority does not have, or not any more
SELECT regress_life.load(corim('links', 1, '{6: [[{0: {1: "ACME"}}, ["swid one", "swid two"]]]}'), 'acme') IS NOT NULL AS loaded;
SELECT conflict, environment, kind, by_authority, value, other, ordinal FROM regress_life.conflicts() WHERE conflict = 'unresolved link';
SELECT regress_life.load('501({0: "swid one", 1: [505(<<{0: "swid one", 1: "one", 2: {31: "ACME", 33: 1}, 12: 0, 13: "1"}>>)]})'::coserv.corim::bytea, 'acme') AS one,
	regress_life.load('501({0: "swid two", 1: [506(<<{1: {0: "swid two"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "no CoSWID"}}]]]}}>>)]})'::coserv.corim::bytea, 'acme') IS NOT NULL AS two \gset
SELECT conflict, other FROM regress_life.conflicts() WHERE conflict = 'unresolved link';
SELECT regress_life.revoke(manifest => :'one', reason => 'test') IS NOT NULL AS revoked;
SELECT conflict, other FROM regress_life.conflicts() WHERE conflict = 'unresolved link';
SELECT * FROM coserv.series_shadowed('1', NULL);
SELECT coserv.values_agree(1, '1', '553(1)', NULL), coserv.values_agree(1, '1', '2', NULL), coserv.values_agree(1, NULL, '2', NULL);

SELECT coserv.drop_store('regress_life');
DROP FUNCTION corim, cotl, svn, rows_of_all, in_days, state, shadowed;
