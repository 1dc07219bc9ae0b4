-- Since when what is known here, and what was foreseen from then on: what truth does not tell, and nothing can make again. So it is backed up,
-- and seals of the audit cover it.

CREATE VIEW @store@.epoch WITH (security_invoker = true) AS
	SELECT 'authority_life' AS of_table, l.authority AS id, NULL::integer AS ordinal, l.known_at, ROW(l.counts, l.name, l.shown_as, l.activates)::text AS says
		FROM @store@.authority_life l
	UNION ALL SELECT 'manifest_life', l.manifest, NULL, l.known_at, ROW(l.counts, l.authority, l.truth)::text FROM @store@.manifest_life l
	UNION ALL SELECT 'tag_life', l.manifest, l.ordinal, l.known_at, ROW(l.counts, l.newest, l.activated)::text FROM @store@.tag_life l
	UNION ALL SELECT 'cotl_life', l.manifest, l.ordinal, l.known_at, ROW(l.counts)::text FROM @store@.cotl_life l
	UNION ALL SELECT 'policy', p.id, NULL, p.known_at, ROW(p.require_cotl, p.refuse_older, p.notify, p.generation)::text FROM @store@.policy p
	UNION ALL SELECT 'profile', p.id, NULL, p.known_at, ROW(p.profile, p.codepoint, p.name, p.comparison)::text FROM @store@.profile p
	UNION ALL SELECT 'revocation', r.id, NULL, r.known_at, ROW(r.manifest, r.authority_id, r.tag_id, r.tag_version, r.undoes, r.effective_from, r.reason)::text
		FROM @store@.revocation r
	UNION ALL SELECT 'taken_back', t.id, NULL, t.known_at, ROW(t.truths, t.reason)::text FROM @store@.taken_back t
	UNION ALL SELECT 'crl', c.id, NULL, c.known_at, ROW(c.authority_id, pg_catalog.sha256(c.der))::text FROM @store@.crl c;
COMMENT ON VIEW @store@.epoch IS 'Since when what is known here, and what was foreseen from then on, a row each: nothing can make it again, and the audit''s seals cover it';
COMMENT ON COLUMN @store@.epoch.says IS 'The row''s other columns, as text; seals are made with datestyle ISO and timezone UTC';
