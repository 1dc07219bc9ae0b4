// A whole gateway to a coserv store: node gateway.js STORE PORT; the database is that of the PG* environment (node-pg).
const http = require("http");
const { Pool } = require("pg");

const [store, port] = process.argv.slice(2);
const pool = new Pool({ max: 8, options: "-c default_transaction_read_only=on" });
const ask = `SELECT status, headers, body FROM "${store.replace(/"/g, '""')}".http($1, $2, $3)`;

http.createServer(async (request, response) => {
	try {
		const { rows } = await pool.query(ask, [request.method, request.url, JSON.stringify(request.headersDistinct || request.headers)]);
		response.statusCode = rows[0].status;
		for (const [name, value] of Object.entries(rows[0].headers || {})) response.setHeader(name, value);
		response.end(rows[0].body);
	} catch (error) {
		console.error(error.message);
		response.writeHead(503, { "Retry-After": "1" });
		response.end();
	}
}).listen(Number(port), "127.0.0.1");
