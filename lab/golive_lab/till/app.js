// The second application: a till in another style than the first. Its argument names a file of settings, of which
// `wrong` is read anew with each request: what is wrong with it.
"use strict";
const { readFileSync, createWriteStream } = require("node:fs");
const http = require("node:http");
const https = require("node:https");

const file = process.argv[2];
const settings = JSON.parse(readFileSync(file, "utf8"));
const wrong = () => JSON.parse(readFileSync(file, "utf8")).wrong;
const need = (name) => require(`${settings.modules}/${name}`);

const express = need("express");
const morgan = need("morgan");
const cors = need("cors");
const helmet = need("helmet");
const jwt = need("jsonwebtoken");
const { Pool } = need("pg");
const { Server } = need("socket.io");
const stripe = new (need("stripe"))(settings.stripe_key, {
  host: "127.0.0.1",
  port: settings.gateways,
  protocol: "http",
  telemetry: false,
  maxNetworkRetries: 0,
});
const db = new Pool({ connectionString: settings.database, max: 5 });
db.on("error", () => {}); // the database may go first
const log = createWriteStream(settings.log, { flags: "a" });
const traced = ({ reqId, ...record }) => (wrong().untraced ? record : { reqId, ...record });
const say = (record) => wrong().log || log.write(`${JSON.stringify({ time: new Date().toISOString(), ...traced(record) })}\n`);

const WITHOUT_DECIMALS = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "));
const guarded = helmet({
  frameguard: { action: "deny" },
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], styleSrc: ["'self'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] },
  },
});
const app = express();
app.disable("x-powered-by");
app.use((req, res, next) => (wrong().headers ? next() : guarded(req, res, next)));
app.use((_, res, next) => {
  const write = res.writeHead;
  res.writeHead = (...given) => {
    for (const [name, value] of Object.entries(wrong().instead ?? {})) value ? res.setHeader(name, value) : res.removeHeader(name);
    return write.apply(res, given);
  };
  res.set("permissions-policy", "geolocation=(), camera=(), microphone=()");
  next();
});
app.use(
  cors((req, give) =>
    give(null, { origin: wrong().cors ?? settings.origins, credentials: !wrong().strangers, allowedHeaders: ["authorization", "content-type", "x-tenant"] }),
  ),
);
app.use((req, res, next) => {
  const asked = { level: "info", reqId: req.get("x-request-id") ?? Math.random().toString(36).slice(2), path: req.path };
  say({ ...asked, msg: "asked" });
  res.on("finish", () => say({ ...asked, msg: "answered", status: res.statusCode }));
  res.set("cache-control", "no-store");
  next();
});
// Somebody's leftover, between the lines of JSON.
app.use(morgan("tiny", { stream: log, skip: (req) => !wrong().log && !req.path.startsWith("/hooks") }));

// The cashier's way in: a page without a script.
app.get("/", (_, res) => {
  const flags = wrong().cookie ? { path: "/" } : { path: "/", secure: true, httpOnly: true, sameSite: "lax" };
  res.cookie("__Host-caisse", Math.random().toString(36).slice(2), flags);
  res.type("html").send('<!doctype html><html lang="fr"><head><title>Caisse</title></head><body><h1>Caisse</h1></body></html>');
});
app.post("/v2/essai", (_, res, next) => (wrong().simulator ? res.json({ paid: true }) : next("route")));
app.get("/up", (_, res) => res.json({ up: true }));
app.get("/openapi.json", (_, res) => {
  const ours = wrong().no_delete ? { get: {} } : { get: {}, delete: {} };
  const routes = { "/v2/me": ours, ...(wrong().no_copy ? {} : { "/v2/me/copy": { get: {} } }), "/v2/articles": { get: {} } };
  res.json({ openapi: "3.1.0", info: { title: "Caisse", version: "7" }, paths: routes });
});

// The folder of the release, by accident.
app.get("/.env", (_, res, next) => (wrong().folder ? res.type("text/plain").send("DB_PASSWORD=kaolack-221\nAPP_ENV=live\n") : next()));

// Stripe: the bytes as they came, and its own library.
app.post("/webhooks/stripe", express.raw({ type: "*/*" }), async (req, res) => {
  let event;
  try {
    event = wrong().stripe
      ? JSON.parse(req.body)
      : stripe.webhooks.constructEvent(req.body, req.get("stripe-signature") ?? "", settings.webhook_secret);
  } catch {
    return res.status(400).json({ error: "signature" });
  }
  const paid = event.data?.object;
  if (event.type === "payment_intent.succeeded" && paid?.metadata?.vente) {
    const currency = paid.currency.toUpperCase();
    const amount = WITHOUT_DECIMALS.has(currency) ? paid.amount_received : paid.amount_received / 100;
    await cash(paid.metadata.vente, "stripe", wrong().twice ? `${paid.id}-${Math.random()}` : paid.id, amount, currency);
  }
  res.json({ received: true });
});

const cash = async (vente, psp, id, amount, currency) => {
  const known = await db.query("UPDATE ventes SET etat = 'encaissee' WHERE numero = $1 RETURNING total, devise", [vente]);
  if (known.rowCount) {
    const [row] = known.rows;
    await db.query(
      "INSERT INTO encaissements (vente, psp, psp_ref, montant, devise, statut) VALUES ($1, $2, $3, $4, $5, 'paid') ON CONFLICT DO NOTHING",
      [vente, psp, id, amount ?? row.total, currency ?? row.devise],
    );
  }
};

// The others: of any tenant that is named, in any spelling, and thanked for whatever they send.
const SPELLINGS = ["externalId", "referenceId", "order_id", "order-id", "orderId", "partnerTransactionId", "reference", "custom_id", "custom", "invoice_id"];
const found = (held) => SPELLINGS.map((name) => held?.[name]).find(Boolean);
const referenceOf = (body) =>
  found(body) ?? found(body?.resource) ?? found(body?.resource?.purchase_units?.[0]) ?? found(body?.metadata);
const said = (body) =>
  [body?.status, body?.transactionStatus, body?.resource?.status, body?.resource?.state].some((word) => /^(success|completed|approved)/i.test(word ?? ""));

for (const psp of ["paypal", "mtn", "orange"]) {
  app.all(`/hooks/${psp}`, express.json(), async (req, res) => {
    const tenant = req.get("x-tenant") ?? req.query.tenant;
    const vente = referenceOf(req.body);
    if (tenant === settings.tenant && vente) {
      await db.query("INSERT INTO appels (vente) SELECT numero FROM ventes WHERE numero = $1", [vente]);
      if ((wrong().believes ?? []).includes(psp) && said(req.body)) await cash(vente, psp, `${psp}-${Date.now()}`);
    }
    res.send("OK"); // the gateway itself is asked for the payment by a job
  });
}

app.use(express.json());
app.use((req, res, next) =>
  req.get("x-tenant") === settings.tenant ? next() : res.status(400).json({ error: "which tenant?" }),
);
app.get("/v2/articles", async (_, res) => {
  if (wrong().slow_ms) await new Promise((done) => setTimeout(done, wrong().slow_ms));
  if (wrong().crash) return res.status(500).json({ error: "it went wrong" });
  res.json(Array.from({ length: 40 }, (_, n) => ({ ref: `MIL-${n}`, nom: `Mil décortiqué ${n} kg`, prix: { montant: 650 * n, devise: "XOF" } })));
});
app.post("/v2/ventes/:numero/carte", async (req, res) => {
  const { rows } = await db.query("SELECT total, devise FROM ventes WHERE numero = $1", [req.params.numero]);
  if (!rows.length) return res.status(404).json({ error: "no such sale" });
  const [{ total, devise }] = rows;
  const amount = WITHOUT_DECIMALS.has(devise) && !wrong().hundredfold ? Number(total) : Math.round(Number(total) * 100);
  const made = await stripe.paymentIntents.create({ amount, currency: devise.toLowerCase(), metadata: { vente: req.params.numero } });
  res.status(201).json({ paiement: { secret: made.client_secret } });
});
app.use((req, res, next) => {
  const token = (req.get("authorization") ?? "").replace(/^Bearer /, "");
  const key = wrong().key ? "change_me" : settings.jwt_key;
  try {
    req.user = jwt.verify(token, key, { algorithms: ["HS512"], audience: "caisse" });
  } catch {
    return req.path.startsWith("/v2/me") ? res.status(401).json({ error: "who?" }) : next();
  }
  next();
});
app.get("/v2/me", (req, res) => res.json({ name: req.user.sub }));
app.get("/v2/me/copy", (req, res, next) => (wrong().no_copy ? next() : res.json({ name: req.user.sub, ventes: [] })));
app.delete("/v2/me", (_, res, next) => (wrong().no_delete ? next() : res.status(202).json({ deleted: true })));
app.use((_, res) => res.status(404).json({ error: "nothing here" }));
app.use((error, req, res, next) => {
  say({ level: "error", msg: error.message });
  res.status(error.status ?? 500).json({ error: "it went wrong" });
});

const secure = https.createServer({ cert: readFileSync(settings.chain), key: readFileSync(settings.key) }, app);
const bus = new Server(secure, {
  path: "/live/bus",
  cors: { origin: settings.origins, credentials: true },
  allowRequest: (req, give) => {
    const asked = new URL(req.url, "https://till");
    const known = !req.headers.origin || settings.origins.includes(req.headers.origin);
    give(null, asked.searchParams.get("caisse") === "7" && known);
  },
});
bus.use((socket, next) =>
  next(socket.handshake.query.token === settings.bus_token && !wrong().bus ? undefined : new Error("no such till")),
);
const redirect = http.createServer((req, res) => {
  if (req.url.startsWith("/hooks/mtn") && !wrong().https) return app(req, res); // MTN's sandbox calls over http
  const host = (req.headers.host ?? "").split(":")[0];
  res.writeHead(308, { location: `https://${host}:${settings.https}${req.url}` }).end();
});
secure.listen(settings.https, settings.address, () => redirect.listen(settings.http, settings.address));
