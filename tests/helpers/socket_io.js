// Servers of socket.io 4 and 2, one for each case, and socket.io's own clients, which say where they were let in.
// Its argument names a file of settings: {modules, certificate, key, address, port, cases}. It prints "ready", then a
// line with what the clients saw, and serves until its input ends.
"use strict";
const { readFileSync } = require("node:fs");
const { createServer } = require("node:https");

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const from = (name) => require(`${settings.modules}/${name}`);
const read = (file) => readFileSync(file);
const web = createServer({ cert: read(settings.certificate), key: read(settings.key) }, (_, answer) => {
  answer.writeHead(404).end();
});
web.setMaxListeners(0);

function serve({ server }) {
  const options = {
    path: server.path,
    transports: server.transports,
    allowRequest: (request, answer) => {
      const query = new URL(request.url, "https://x").searchParams;
      const wanted = Object.entries(server.query).every(([name, value]) => query.get(name) === value);
      const given = Object.entries(server.headers).every(([name, value]) => request.headers[name] === value);
      const refusal = server.engine === 3 ? 4 : "the tenant is missing"; // a code in version 2, a text in 4
      answer(wanted && given ? null : refusal, wanted && given);
    },
  };
  const io = server.engine === 3
    ? from("socket.io-2")(web, options)
    : new (from("socket.io").Server)(web, { ...options, allowEIO3: server.both });
  for (const namespace of server.namespaces) {
    io.of(namespace).use((socket, next) => {
      const { auth = {}, query, headers } = socket.handshake;
      const bearer = (headers.authorization || "").replace("Bearer ", "");
      next([auth.token, query.token, bearer].includes(server.token) || !server.token ? undefined : new Error("no"));
    });
  }
}

function connects({ client }, transports) {
  const connect = from(client.engine === 3 ? "socket.io-client-2" : "socket.io-client");
  const bearer = client.token_in === "bearer" ? { authorization: `Bearer ${client.token}` } : {};
  const inQuery = client.token_in === "query" ? { token: client.token } : {};
  const socket = connect(`https://${settings.address}:${settings.port}${client.namespace}`, {
    path: client.path,
    transports,
    query: { ...client.query, ...inQuery },
    auth: client.token_in === "auth" ? { token: client.token } : {},
    extraHeaders: { ...client.headers, ...bearer },
    rejectUnauthorized: false,
    reconnection: false,
    forceNew: true,
    timeout: 3000,
  });
  return new Promise((tell) => {
    const end = (how) => { socket.close(); clearTimeout(late); tell(how); };
    const late = setTimeout(() => end(false), 4000);
    socket.on("connect", () => end(true));
    for (const event of ["connect_error", "error", "connect_timeout"]) socket.on(event, () => end(false));
  });
}

settings.cases.forEach(serve);
web.listen(settings.port, settings.address, async () => {
  const seen = await Promise.all(settings.cases.map(async (each) => [
    await connects(each, ["polling", "websocket"]),
    await connects(each, ["websocket"]),
  ]));
  console.log(JSON.stringify(seen));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit());
