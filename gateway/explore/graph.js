// graph.js - pictures: when something counted, and domains as a graph in columns. Each stands beside the same in words.
import { svg } from './dom.js';

// The span of time that a set of ranges is drawn in: from the first beginning to the last end, and now well inside it.
export function spanOf(rows, moment) {
	const now = Date.parse(moment);
	const ends = rows.flatMap((row) => row.counts.flat()).filter(Boolean).map(Date.parse).concat(now);
	const from = Math.min(...ends), until = Math.max(...ends);
	const room = Math.max((until - from) * 0.08, 60000);
	return { from: from - room, until: until + room, now };
}

export function life(counts, span) {
	const at = (moment, open) => moment === null ? open : 100 * (Date.parse(moment) - span.from) / (span.until - span.from);
	const now = at(new Date(span.now).toISOString());
	return svg('svg', { class: 'life', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
		svg('rect', { class: 'track', x: 0, y: 4.5, width: 100, height: 1 }),
		counts.map(([from, until]) => svg('rect', { class: 'bar', x: at(from, 0), y: 2,
			width: Math.max(at(until, 100) - at(from, 0), 0.5), height: 6 })),
		svg('line', { class: 'now', x1: now, x2: now, y1: 0, y2: 10, 'vector-effect': 'non-scaling-stroke' }));
}

// Column of each node: one more than of the domain that is farthest away; a circle ends where it began.
function columnsOf(nodes, edges) {
	const column = new Map(nodes.map((node) => [node.id, 0]));
	for (let round = 0, moved = true; moved && round < nodes.length && round < 20; round++) {
		moved = false;
		for (const { domain, other } of edges)
			if (domain !== other && column.get(other) <= column.get(domain)) {
				column.set(other, column.get(domain) + 1);
				moved = true;
			}
	}
	return column;
}

const WIDTH = 220, HEIGHT = 34, GAP = 90;

export function graph({ nodes, edges }, nameOf) {
	const column = columnsOf(nodes, edges);
	const filled = [];
	const place = new Map(nodes.map((node) => {
		const x = column.get(node.id);
		filled[x] = (filled[x] ?? 0) + 1;
		return [node.id, { x: 10 + x * (WIDTH + GAP), y: 10 + (filled[x] - 1) * (HEIGHT + 10) }];
	}));
	const width = 20 + filled.length * (WIDTH + GAP) - GAP, height = 10 + Math.max(...filled.filter(Boolean)) * (HEIGHT + 10);
	const lines = edges.map(({ domain, other, kind }) => {
		const a = place.get(domain), b = place.get(other);
		const x1 = a.x + WIDTH, y1 = a.y + HEIGHT / 2, x2 = b.x, y2 = b.y + HEIGHT / 2;
		return svg('path', { class: 'edge ' + kind, d: `M${x1} ${y1}C${x1 + GAP / 2} ${y1} ${x2 - GAP / 2} ${y2} ${x2} ${y2}` });
	});
	const boxes = nodes.map((node) => {
		const { x, y } = place.get(node.id);
		const name = nameOf(node);
		return svg('a', { href: '#/environment/' + node.id, 'aria-label': name },
			svg('rect', { class: 'node', x, y, width: WIDTH, height: HEIGHT, rx: 5 }), svg('title', null, name),
			svg('text', { x: x + 8, y: y + 21 }, name.length > 32 ? name.slice(0, 31) + '…' : name));
	});
	return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Domains' }, lines, boxes);
}
