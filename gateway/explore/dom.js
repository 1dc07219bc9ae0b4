// dom.js - elements out of data. Text becomes text nodes and nothing else, so whatever a document says is shown and never run.

function build(namespace, tag, properties, children) {
	const element = document.createElementNS(namespace, tag);
	for (const [name, value] of Object.entries(properties ?? {})) {
		if (name.startsWith('on'))
			element.addEventListener(name.slice(2), value);
		else if (value !== undefined && value !== null && value !== false)
			element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
	return element;
}

export const h = (tag, properties, ...children) => build('http://www.w3.org/1999/xhtml', tag, properties, children);
export const svg = (tag, properties, ...children) => build('http://www.w3.org/2000/svg', tag, properties, children);

export const time = (moment) => moment && h('time', { datetime: moment }, moment.slice(0, 19).replace('T', ' ') + ' UTC');

export const link = (path, text) => h('a', { href: '#/' + path }, text);

// table(CAPTION, [[HEADING, CELL], ...], ROWS): CELL makes what stands in a row's cell; the first is the row's heading.
export function table(caption, columns, rows) {
	if (rows.length === 0)
		return h('p', { class: 'note' }, caption, ': none.');
	return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption }, h('table', null, h('caption', null, caption),
		h('thead', null, h('tr', null, columns.map(([heading]) => h('th', { scope: 'col' }, heading)))),
		h('tbody', null, rows.map((row) => h('tr', null, columns.map(([, cell], i) => i === 0 ? h('th', { scope: 'row' }, cell(row))
			: h('td', null, cell(row))))))));
}

// list({NAME: VALUE}): those that there are
export function list(members) {
	return h('dl', null, Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== '')
		.map(([name, value]) => [h('dt', null, name), h('dd', null, value)]));
}

const LONGEST_LINKED = 200000;
const DIGEST = /(h'(?:[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})')/;

// EDN, the digests in it leading to who vouches for them
export function edn(text, label) {
	const parts = text.length > LONGEST_LINKED ? [text] : text.split(DIGEST);
	return h('pre', { tabindex: 0, role: 'region', 'aria-label': label },
		parts.map((part, i) => i % 2 === 0 ? part : link('vouchers/' + part.slice(2, -1), part)));
}

export function problem(error) {
	return h('div', { class: 'problem', role: 'alert' }, h('p', null, h('strong', null, error.title ?? String(error))),
		error.detail && h('p', null, error.detail), error.hint && h('p', null, 'Hint: ', error.hint),
		error.sqlstate && h('p', { class: 'note' }, 'SQLSTATE ', error.sqlstate));
}

export const more = (is) => is && h('p', { class: 'note' }, 'There is more than is shown here.');
