// views.js - what each view shows of its answer. A view is made once, from one answer, so there is nothing to keep in step.
import { edn, h, link, list, more, table, time } from './dom.js';
import { graph, life, spanOf } from './graph.js';

const nameOf = (e) => [e.vendor, e.model, e['class-id'], e.layer !== undefined && 'layer ' + e.layer,
	e.index !== undefined && 'index ' + e.index,
	e.instance && 'instance ' + e.instance, e.group && 'group ' + e.group].filter(Boolean).join(' · ') || e.edn;
const environment = (e) => e && link('environment/' + e.id, nameOf(e));
const manifest = (row) => row.manifest && link('document/' + row.manifest, row.corim_id ?? row.manifest);
const counts = (yes) => yes ? h('span', { class: 'good' }, 'counts') : h('span', { class: 'bad' }, 'does not count');
const until = (row) => row.not_after ? time(row.not_after) : 'no end';

const period = ([from, end]) => h('div', null, from ? ['from ', time(from)] : 'ever', ' ',
	end ? ['until ', time(end)] : 'without an end');
const periods = (ranges) => ranges.length === 0 ? 'never' : ranges.map(period);

const documents = (caption, rows) => table(caption, [['Document', (d) => link('document/' + d.id, d.corim_id ?? d.id)],
	['Authority', (d) => d.authority],
	['Came', (d) => time(d.known_at)], ['Now', (d) => counts(d.counts)],
		['Until', (d) => d.until ? time(d.until) : d.counts ? 'no end' : '']], rows);

export function overview(o) {
	return { title: `Store ${o.store}`, body: [
		list({ 'Now is': time(o.moment), 'Version': o.version, 'Server': o.standby ? 'a standby' : 'a primary',
			'A tag counts': o.require_cotl ? 'only while a CoTL activates it' : 'unless it is superseded, replaced or revoked' }),
		h('h2', null, 'What came last'), documents('The last documents of which something was said', o.latest),
		h('h2', null, 'Authorities'), table('Who may sign what this store answers with', [
			['Name', (a) => link('timeline?q=' + encodeURIComponent(a.name), a.name)], ['Documents', (a) => a.documents],
				['Valid from', (a) => time(a.valid_from)],
			['Valid until', (a) => time(a.valid_until)], ['Unsigned', (a) => a.accepts_unsigned ? 'accepted' : 'refused'],
				['Note', (a) => a.note]], o.authorities)] };
}

export function found(o) {
	return [h('h2', null, 'Environments'), table('Environments that count now',
		[['Environment', environment], ['Triples', (e) => e.triples],
		['Kinds', (e) => e.kinds.join(', ')], ['Authorities', (e) => e.authorities.join(', ')]], o.environments),
			more(o.more_environments),
	h('h2', null, 'Documents'), documents('Documents', o.documents), more(o.more_documents)];
}

const triple = (t) => h('details', null, h('summary', null, `${t.kind}, by ${t.authority}`, t.corim_id && `, in ${t.corim_id}`),
	list({ 'Document': manifest(t), 'Profile': t.profile, 'Said of': environment(t.environment), 'Counts until': until(t) }),
		edn(t.triple, t.kind + ' triple'));

export function ofEnvironment(o) {
	return { title: nameOf(o), body: [h('p', null, 'As of ', time(o.as_of), ' · ', link('domains?environment=' + o.id, 'its domains')),
		edn(o.described, 'environment-map'),
		h('h2', null, 'What is said of it'),
		o.triples.length === 0 && h('p', { class: 'note' }, 'Nobody speaks of it, nor of an environment that contains it.'),
		h('ul', { class: 'tree' }, o.triples.map((t) => h('li', null, triple(t)))), more(o.more)] };
}

export function ofDocument(d, moment) {
	const span = spanOf(d.tags, moment);
	return { title: d.corim_id ?? d.id, body: [
		list({ 'It': counts(d.counts), 'Authority': d.authority,
			'Signed': d.is_signed ? `by ${d.signer_name ?? d.authority}` : 'no: conveyed in the name of the authority',
			'Withdrawn': d.withdrawn, 'Came': time(d.known_at), 'Loaded by': d.loaded_by, 'Valid from': time(d.not_before),
				'Valid until': time(d.not_after),
			'Profile': d.profile, 'Legacy forms': d.legacy.join('; '), 'Id': h('code', null, d.id), 'SHA-256': h('code', null, d.digest),
				'Bytes': d.bytes,
			'More': link('conflicts?manifest=' + d.id, 'conflicts about its environments') }),
		h('h2', null, 'Life'), table('When each tag counted and will count',
			[['Tag', (t) => `${t.tag_id ?? t.ordinal}, version ${t.tag_version} (${t.kind})`],
			['When', (t) => [life(t.counts, span), periods(t.counts)]]], d.tags),
		d.revocations.length > 0 && table('Revocations', [['Of', (r) => r.of + (r.tag_id ? ' ' + r.tag_id : '')],
			['Reason', (r) => r.reason], ['From', (r) => time(r.effective_from)],
			['By', (r) => r.revoked_by], ['Taken back', (r) => r.undone]], d.revocations),
		h('h2', null, 'Signer'), d.authority_key && edn(d.authority_key, 'Key of the authority'),
		table('Certificates, the signer\'s first', [['Subject', (c) => c.subject], ['Issuer', (c) => c.issuer],
			['Serial', (c) => h('code', null, c.serial)],
			['Valid', (c) => period([c.not_before, c.not_after])]], d.chain),
		table('What bounds it', [['Of', (v) => v.bound], ['Valid', (v) => period([v.not_before, v.not_after])]], d.validities),
		h('h2', null, 'Environments'), h('ul', null, d.environments.map((e) => h('li', null, environment(e)))),
		h('h2', null, 'Annotated'), d.edn ? edn(d.edn, 'The document in EDN')
			: h('p', { class: 'note' }, 'It is too long to be shown here.'), more(d.edn && d.edn_cut)] };
}

export function timeline(o) {
	const span = spanOf(o.tags, o.moment);
	return [h('p', { class: 'note' }, 'Bars: when each tag counted, and will. The line is now, ', time(o.moment), '.'),
		table('When tags counted and will count', [['Tag', (t) => link('document/' + t.manifest,
			`${t.tag_id ?? t.kind}, version ${t.tag_version}`)],
			['When', (t) => [life(t.counts, span), periods(t.counts)]], ['Authority', (t) => t.authority]], o.tags), more(o.more)];
}

export function lapsing(o) {
	return [h('h2', null, 'What lapses next'), table('Within 90 days',
		[['What', (l) => `${l.what} ${l.name ?? ''}`], ['Until', (l) => time(l.expires)], ['Bound by', (l) => l.bound],
		['Authority', (l) => l.authority], ['Document', (l) => manifest({ manifest: l.manifest, corim_id: l.name })]], o.lapsing),
			more(o.more)];
}

export function conflicts(o) {
	return [h('h2', null, 'Conflicts'), table('In what is said about the environments of these documents',
		[['Conflict', (c) => c.conflict], ['Environment', (c) => environment(c.environment)],
		['Authority', (c) => c.authority], ['Element', (c) => h('code', null,
			[c.kind, c.mkey, c.codepoint].filter((part) => part !== undefined).join(' '))],
		['Value', (c) => h('code', null, c.value)], ['Against', (c) => c.other], ['Document', (c) => manifest(c)]], o.conflicts),
			more(o.more),
	documents('The documents that were looked at', o.documents),
	h('p', { class: 'note' }, 'Of the whole store: ', h('code', null, 'SELECT * FROM conflicts()'), '.')];
}

export function vouchers(o) {
	const columns = [['Environment', (m) => environment(m.environment)], ['Authority', (m) => m.authority],
		['As', (m) => [m.kind, m.role !== m.kind && ', ' + m.role]],
		['Element', (m) => [m.mkey, m.name].filter(Boolean).join(', ')], ['Document', manifest], ['Until', until]];
	return [h('p', null, h('code', null, o.digest), ', as of ', time(o.as_of)),
		table('Who vouches for it', columns, o.mentions.filter((m) => m.vouches)),
		table('Conditions that name it', columns, o.mentions.filter((m) => !m.vouches)), more(o.more)];
}

// Words: an SVG that many boxes are in says little to who does not see it.
export function domains(o) {
	const byId = new Map(o.nodes.map((node) => [node.id, node]));
	return { title: 'Domains', body: [h('p', { class: 'note' }, 'As of ', time(o.as_of),
		'. Lines lead from a domain to its members, broken ones to what it trusts.'),
		o.nodes.length > 0 && h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Graph of the domains' },
			graph(o, nameOf)),
		table('The same in words', [['Domain', (e) => environment(byId.get(e.domain))],
			['Has', (e) => e.kind === 'membership' ? 'the member' : 'trust in'],
			['Environment', (e) => environment(byId.get(e.other))], ['Authority', (e) => e.authority], ['Document', (e) => manifest(e)]],
				o.edges), more(o.more)] };
}

/* ---- the appraisal ---- */

const STANDINGS = { corroborated: 'good', contradicted: 'bad' };

function condition(c) {
	const name = c.explanation ?? `${c.kind ?? 'condition'} of ${c.manifest ?? 'the store'}`;
	return h('li', null, h('details', null, h('summary', null,
		h('span', { class: c.matched ? 'good' : 'bad' }, c.matched ? 'matched' : 'did not match'), ': ', name),
		list({ 'Kind': c.kind, 'Where': c.path, 'Reason': c.reason, 'Wanted': c.wanted && h('code', null, c.wanted),
			'Found': c.found && h('code', null, c.found),
			'Values that differ': c.matched ? undefined : c.differing, 'Document': manifest(c), 'Triple': c.ordinal,
				'Condition': c.condition })));
}

const element = (e) => h('li', null, h('details', null, h('summary', null,
	h('span', { class: STANDINGS[e.standing] ?? 'note' }, e.standing), ': ', h('code', null, e.mkey ?? 'without mkey'),
	e.explanation && [' – ', e.explanation]), edn(e.mval ?? '', 'measurement-values-map'),
		list({ 'Authority': e.authority, 'Authorities that speak of it': e.speakers, 'Document': manifest(e) })));

const distance = (c) => c.matched ? Infinity : c.differing ?? 1e9;
const nearest = (conditions) => conditions.reduce((best, c) => distance(c) < distance(best) ? c : best, { matched: true });

export function appraisal(o) {
	const groups = o.environments.map((e) => ({ ...e, miss: nearest(e.conditions) })).sort((a, b) => distance(a.miss) - distance(b.miss));
	const miss = nearest(groups.map((g) => g.miss));
	const worst = o.environments.flatMap((e) => e.elements).filter((e) => e.standing === 'contradicted').length;
	return [h('h2', { id: 'outcome', tabindex: -1 }, worst > 0 ? `${worst} of its elements contradicted` : 'Nothing contradicts it'),
		miss.explanation && h('div', { class: 'callout' }, h('p', null, h('strong', null, 'Nearest miss: '), miss.explanation),
			h('p', null, manifest(miss))),
		h('p', { class: 'note' }, 'As of ', time(o.as_of), '; ', o.signers.length, ' key(s) verified it.'),
		h('ul', { class: 'tree' }, groups.map((g) => h('li', null,
			h('details', { open: true }, h('summary', null, 'Environment'), edn(g.environment, 'environment-map'),
			h('ul', null, g.elements.map(element)),
			h('ul', null, h('li', null, h('details', { open: g.miss.matched !== true },
				h('summary', null, `${g.conditions.length} condition(s) that were tried`),
					h('ul', null, g.conditions.map(condition))))))))),
		o.notes.length > 0 && h('details', null, h('summary', null, `${o.notes.length} note(s)`),
			h('ul', { class: 'tree' }, o.notes.map(condition))),
		h('details', null, h('summary', null, `The final ACS: ${o.acs.length} ECT(s)`),
			o.acs.map((a) => [h('p', null, a.cmtype, a.authority && `, by ${a.authority}`, ' ', manifest(a)), edn(a.ect, 'ECT')])),
		h('details', null, h('summary', null, 'Who signed it'), o.signers.map((s) => edn(s, 'Key')))];
}

export function claims(rows) {
	return [h('h2', null, 'What it claims, unverified'), h('ul', { class: 'tree' },
		rows.map((c) => h('li', null, environment(c.environment), edn(c.element ?? '', 'measurement-map'),
		(c.notes ?? []).map((note) => h('p', { class: 'note' }, note)))))];
}
