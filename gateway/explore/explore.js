// explore.js - which view is shown: the part of the address behind #, so that a link leads to it and the gateway is not told.
import { ask, bytesOf, digestOf, fileBytes, keysOf } from './data.js';
import { h, link, problem } from './dom.js';
import * as views from './views.js';

const main = document.getElementById('main');
const status = document.getElementById('status');
const say = (text) => { status.textContent = text; };
let shown = 0; // which request the page waits for: a later one wins
let moved = false; // from another view: who has just come begins at the top

// field(LABEL, HINT, CONTROL)
const field = (label, hint, control) => h('label', null, label, hint && h('span', null, hint), control);

// The answer of a view into a place of the page, or what is wrong.
async function fill(place, work, describe) {
	const mine = ++shown;
	place.setAttribute('aria-busy', 'true');
	try {
		const content = await work();
		if (mine !== shown)
			return;
		place.replaceChildren(...[content].flat(Infinity).filter(Boolean));
		say(describe ?? 'Shown.');
	} catch (error) {
		if (mine !== shown)
			return;
		place.replaceChildren(problem(error));
		say('It did not work.');
	}
	place.removeAttribute('aria-busy');
}

function head(title) {
	document.title = title + ' – coserv';
	return h('h1', { tabindex: -1 }, title);
}

function focusHeading() {
	if (moved)
		main.querySelector('h1')?.focus();
}

async function page(work) {
	await fill(main, async () => {
		const { title, body } = await work();
		return [head(title), body];
	});
	focusHeading();
}

// A title, a form and a place below it for the answer; what is in the form is in the address too.
function formPage(title, fields, button, work) {
	const place = h('div', null);
	const form = h('form', { onsubmit: (event) => { event.preventDefault(); work(form, place); } }, fields,
		button && h('button', { type: 'submit' }, button));
	main.replaceChildren(head(title), form, place);
	return { form, place };
}

const address = (path, parameters) => history.replaceState(null, '', '#/' + path +
	(Object.values(parameters).some(Boolean) ? '?' + new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)) : ''));
const moment = (text) => text ? text + (text.length === 16 ? ':00Z' : 'Z') : undefined;
const momentField = (at) => field('As of (UTC)', 'empty: now',
	h('input', { name: 'at', type: 'datetime-local', step: 1, value: at?.replace('Z', '') ?? '' }));

/* ---- the views ---- */

function searchPage(parameters) {
	let waiting;
	const look = (form, place) => {
		const search = form.elements.q.value;
		const digest = digestOf(search);
		address('search', { q: search });
		fill(place, async () => {
			const o = await ask('search', { search });
			return [digest && h('p', null, link('vouchers/' + digest, 'Who vouches for this digest?')), views.found(o)];
		}, `Searched for ${search || 'everything'}.`);
	};
	const { form, place } = formPage('Search', [field('Environments and documents',
		'vendor, model, class-id, instance, group, CoRIM id, authority: the beginnings of words',
		h('input', { name: 'q', type: 'search', value: parameters.get('q') ?? '', autocomplete: 'off', spellcheck: 'false' }))],
			undefined, look);
	form.elements.q.addEventListener('input', () => {
		clearTimeout(waiting);
		waiting = setTimeout(() => look(form, place), 150);
	});
	look(form, place);
	form.elements.q.focus();
}

function timelinePage(parameters) {
	const look = (form, place) => {
		const search = form.elements.q.value;
		address('timeline', { q: search });
		fill(place, async () => {
			const [tags, next] = await Promise.all([ask('timeline', { search }), ask('lapsing', { within: '90 days' })]);
			return [views.timeline(tags), views.lapsing(next)];
		});
	};
	const { form, place } = formPage('Timeline', [field('Of tags',
		'text in the tag\'s id, the CoRIM\'s id or the authority; empty: the last that came',
		h('input', { name: 'q', type: 'search', value: parameters.get('q') ?? '' }))], 'Show', look);
	look(form, place);
	focusHeading();
}

function vouchersPage(parameters, pasted) {
	const look = (form, place) => {
		const digest = digestOf(form.elements.digest.value);
		const at = form.elements.at.value;
		if (form.elements.digest.value.trim() === '')
			return;
		if (digest === undefined) {
			fill(place, () => { throw { title: 'This is no digest.',
				hint: 'Hexadecimal digits or base64, with or without the name of the algorithm before it.' }; });
			return;
		}
		address('vouchers/' + digest, { at });
		fill(place, async () => views.vouchers(await ask('vouchers', { digest, as_of: moment(at) })));
	};
	const { form, place } = formPage('Who vouches for a digest',
		[field('Digest', 'hexadecimal or base64', h('input', { name: 'digest', value: pasted ?? '', spellcheck: 'false',
			autocomplete: 'off' })),
		momentField(parameters.get('at'))], 'Look', look);
	look(form, place);
	form.elements.digest.focus();
}

const APART = { certificates: 'PEM, DER', signature: 'where it stands apart', registers: '', event_log: '' };

async function evidenceOf(form) {
	const { format, file, evidence, nonce, at, environment, keys } = form.elements;
	const args = { format: format.value, evidence: file.files[0] ? await fileBytes(file.files[0]) : bytesOf(evidence.value),
		expected_nonce: bytesOf(nonce.value),
		as_of: moment(at.value), environment: environment.value.trim() || undefined, keys: keysOf(keys.value) };
	for (const name of Object.keys(APART))
		args[name] = bytesOf(form.elements[name].value);
	if (args.evidence === undefined)
		throw { title: 'There is no Evidence.', hint: 'Paste it, or choose a file.' };
	return args;
}

async function appraisalPage(parameters) {
	const area = (name, label, hint) => field(label, hint, h('textarea', { name, spellcheck: 'false' }));
	const look = async (form, place) => {
		let args;
		await fill(place, async () => {
			args = await evidenceOf(form);
			return views.appraisal(await ask('appraisal', args));
		}, 'Appraised.');
		if (args && place.querySelector('.problem')) {
			const below = h('div', null);
			const button = h('button', { type: 'button', onclick: () => fill(below,
				async () => views.claims(await ask('claims', args))) }, 'Show what it claims, unverified');
			place.append(h('p', null, button), below);
		}
		place.querySelector('#outcome')?.focus();
	};
	const mine = shown;
	let formats;
	try {
		formats = await ask('formats');
	} catch (error) {
		main.replaceChildren(head('Appraise Evidence'), problem(error));
		return;
	}
	if (mine !== shown)
		return;
	formPage('Appraise Evidence', [
		field('Format', null, h('select', { name: 'format' },
			formats.map((f) => h('option', { value: f.format, selected: f.format === parameters.get('format') },
				`${f.format}: ${f.title}`)))),
		area('evidence', 'Evidence', 'hexadecimal, base64, PEM or JSON; it is sent in the body of a request, and kept nowhere'),
		field('or a file', null, h('input', { name: 'file', type: 'file' })),
		h('details', null, h('summary', null, 'Keys, nonce, and what comes apart'),
			area('keys', 'Keys that are trusted beside those of the store', 'PEM or JWK, an empty line between them'),
			Object.entries(APART).map(([name, hint]) => area(name, name[0].toUpperCase() + name.slice(1).replace('_', ' '), hint)),
			field('Expected nonce', 'hexadecimal or base64', h('input', { name: 'nonce' })),
			field('Environment', 'what the Evidence is of, in EDN, where it does not say so itself', h('input', { name: 'environment' })),
				momentField(parameters.get('at')))],
	'Appraise', look);
	focusHeading();
}

const conflictsOf = (parameters) => page(async () => {
	const manifest = parameters.get('manifest') ?? undefined;
	const [conflicts, next] = await Promise.all([ask('conflicts', { manifest }),
		manifest ? undefined : ask('lapsing', { within: '90 days' })]);
	return { title: manifest ? 'Conflicts about a document\'s environments' : 'Conflicts, and what lapses soon',
		body: [views.conflicts(conflicts), next && views.lapsing(next)] };
});

const routes = {
	overview: () => page(async () => views.overview(await ask('overview'))),
	search: searchPage,
	timeline: timelinePage,
	vouchers: vouchersPage,
	appraisal: appraisalPage,
	domains: (parameters) => page(async () => views.domains(await ask('domains',
		{ environment: parameters.get('environment') ?? undefined, as_of: moment(parameters.get('at')) }))),
	conflicts: conflictsOf,
	document: (parameters, manifest) => page(async () => views.ofDocument(await ask('document', { manifest }), new Date().toISOString())),
	environment: (parameters, environment) => page(async () => views.ofEnvironment(await ask('environment',
		{ environment, as_of: moment(parameters.get('at')) }))),
};

const menu = { overview: 'Overview', search: 'Search', timeline: 'Timeline', vouchers: 'Digest', appraisal: 'Appraisal',
	domains: 'Domains', conflicts: 'Conflicts' };

function show() {
	const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
	const [name, ...rest] = path.split('/');
	const route = Object.hasOwn(routes, name) ? name : 'overview';
	document.getElementById('views').replaceChildren(...Object.entries(menu).map(([view, title]) =>
		h('li', null, h('a', { href: '#/' + view, 'aria-current': view === route && 'page' }, title))));
	shown++;
	say('');
	routes[route](new URLSearchParams(query), rest.length > 0 ? decodeURIComponent(rest.join('/')) : undefined);
}

document.getElementById('skip').addEventListener('click', (event) => { event.preventDefault(); main.focus(); });
addEventListener('hashchange', () => {
	moved = true;
	show();
});
show();
