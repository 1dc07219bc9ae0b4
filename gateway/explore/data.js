// data.js - asking the store, and bytes as people have them.

// The answer of a view. What is asked stands in the body: Evidence, digests and names of devices are in no log and no history of requests.
export async function ask(view, args) {
	let answer;
	try {
		answer = await fetch('explore/data/' + view, { method: 'POST', headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(args ?? {}) });
	} catch {
		throw { title: 'The gateway cannot be reached.' };
	}
	const body = await answer.text();
	let json;
	try {
		json = JSON.parse(body);
	} catch {
		throw { title: `The gateway answered ${answer.status}.` };
	}
	if (!answer.ok)
		throw json;
	return json;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function base64(bytes) {
	let text = '';
	for (let i = 0; i < bytes.length; i += 0x8000)
		text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
	return btoa(text);
}

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')), (c) => c.charCodeAt(0));
const isHex = (text) => text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text);
const isBase64 = (text) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;

// Hexadecimal digits, base64 of either alphabet; whatever is neither (PEM, JSON, a JWT) are the bytes of the text. NULL: nothing.
export function bytesOf(text) {
	const plain = text.replace(/\s+/g, '');
	if (plain === '')
		return undefined;
	return base64(isHex(plain) ? fromHex(plain) : isBase64(plain) ? fromBase64(plain) : new TextEncoder().encode(text));
}

export const fileBytes = async (file) => base64(new Uint8Array(await file.arrayBuffer()));

// The digest in what was pasted, in hexadecimal: "sha-256:...", h'...', digits with colons, base64. NULL: none.
export function digestOf(text) {
	const bare = text.trim().replace(/^(sha|md|sm)[-_0-9/]*[:;= ]+/i, '').replace(/^h'(.*)'$/, '$1').replace(/^(0x|\\x)/, '');
	const digits = bare.replace(/[\s:]/g, '');
	if (isHex(digits) && digits.length >= 16)
		return digits.toLowerCase();
	return isBase64(digits) && digits.length >= 22 ? hex(fromBase64(digits)) : undefined;
}

// Keys: PEM blocks, JWKs or EDN, an empty line between them.
export function keysOf(text) {
	const blocks = text.match(/-----BEGIN[^]*?-----END[^-]*-----/g) ?? text.split(/\n\s*\n/);
	const keys = blocks.map((block) => block.trim()).filter((block) => block !== '');
	return keys.length > 0 ? keys : undefined;
}
