// Prints lines as loggers of Node write them: node loggers.cjs <folder of the packages> <id>; JSON, lines by name.
const { createRequire } = require("node:module");
const http = require("node:http");
const { Writable } = require("node:stream");

const [folder, id] = process.argv.slice(2);
const load = createRequire(`${folder}/`);
const [pino, pinoHttp, winston, bunyan, morgan] = ["pino", "pino-http", "winston", "bunyan", "morgan"].map(load);
const lines = {};
const into = (name) =>
  new Writable({
    write(chunk, _, done) {
      lines[name] = String(chunk).trimEnd();
      done();
    },
  });

pino(into("pino")).child({ reqId: id }).info("done");
const named = { timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ severity: level }) } };
pino(named, into("pino, named")).info({ trace_id: id }, "done");
pino({ nestedKey: "payload", timestamp: false }, into("pino, nested")).info({ requestId: id }, "done");
bunyan.createLogger({ name: "shop", streams: [{ stream: into("bunyan") }] }).info({ req_id: id }, "done");

const { combine, json, timestamp, logstash, simple } = winston.format;
const formats = {
  winston: [json()],
  "winston, timestamp": [timestamp(), json()],
  "winston, logstash": [timestamp(), logstash()],
  "winston, simple": [simple()],
};
for (const [name, parts] of Object.entries(formats)) {
  const transports = [new winston.transports.Stream({ stream: into(name) })];
  winston.createLogger({ format: combine(...parts), transports }).info("done", { requestId: id });
}

async function asked(handle) {
  const server = http.createServer((request, reply) => handle(request, reply, () => reply.end("ok")));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const headers = { "x-request-id": id };
  await fetch(`http://127.0.0.1:${server.address().port}/x`, { headers }).then((reply) => reply.text());
  await new Promise((closed) => server.close(closed));
}

const through = (log) => (request, reply, next) => {
  log(request, reply);
  next();
};

(async () => {
  const genReqId = (request) => request.headers["x-request-id"];
  await asked(through(pinoHttp({ genReqId }, into("pino-http"))));
  await asked(through(pinoHttp({}, into("pino-http, an id of its own"))));
  for (const form of ["combined", "common", "dev", "short", "tiny"]) {
    await asked(morgan(form, { stream: into(`morgan, ${form}`) }));
  }
  console.log(JSON.stringify(lines));
})();
