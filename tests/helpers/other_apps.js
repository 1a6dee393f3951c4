// Applications in other styles, one port each, all in this process. Its argument names a file of settings: {modules,
// chain, key, address, folder, secret, ports}, where ports name the applications. An order is a file below its
// application's folder, and what the file says is its status. `wrong` is read anew with each request: what is wrong with
// an application, by its name.
"use strict";
const { existsSync, readFileSync, writeFileSync, appendFileSync } = require("node:fs");
const https = require("node:https");

const file = process.argv[2];
const settings = JSON.parse(readFileSync(file, "utf8"));
const need = (name) => require(`${settings.modules}/${name}`);
const express = need("express");
const fastify = need("fastify");
const stripe = new (need("stripe"))("sk_test_none");
const secure = { cert: readFileSync(settings.chain), key: readFileSync(settings.key) };
const asked = () => JSON.parse(readFileSync(file, "utf8"));
const wrong = (app) => asked().wrong[app] ?? "";

class Orders {
  constructor(app) { this.folder = `${settings.folder}/${app}`; }
  at(reference) { return `${this.folder}/${String(reference).replace(/[^\w-]/g, "")}`; }
  knows(reference) { return reference !== undefined && existsSync(this.at(reference)); }
  status(reference) { return readFileSync(this.at(reference), "utf8"); }
  book(reference) { if (this.knows(reference)) writeFileSync(this.at(reference), "paid"); }
  note(reference) { if (this.knows(reference)) appendFileSync(`${this.at(reference)}.calls`, "called\n"); }
}

// What the gateways say when they are asked: the test orders were never paid.
const paidAtGateway = async () => false;
const bare = () => express().disable("x-powered-by");
const APPS = {
  // One path for all, and 200 for whatever happened.
  graphql(orders) {
    const app = bare().use(express.json());
    app.post("/graphql", async (req, res) => {
      const refusal = { data: null, errors: [{ message: "The webhook signature is invalid", extensions: { code: "UNAUTHENTICATED" } }] };
      if (req.query.operation !== "paypalEvent") return res.json({ errors: [{ message: "Must provide query string." }] });
      const signed = req.get("paypal-transmission-sig");
      const hole = wrong("graphql");
      if (hole === "" || (hole === "unsigned passes" && signed)) return res.json(refusal);
      const reference = req.body.resource?.custom_id ?? req.body.resource?.purchase_units?.[0]?.custom_id;
      orders.book(reference);
      res.json({ data: { paypalEvent: { accepted: true } } });
    });
    return app;
  },
  // 202 to everything on every path, and a job later.
  queue(orders) {
    const app = bare().use(express.json());
    app.use((req, res) => {
      setTimeout(async () => {
        orders.note(req.body?.externalId);
        if (wrong("queue") || (await paidAtGateway())) orders.book(req.body?.externalId);
      }, 150);
      res.status(202).json({ queued: Math.random().toString(36).slice(2) });
    });
    return app;
  },
  // No more than four calls in a turn, of anyone.
  limited(orders) {
    const app = bare().use(express.json());
    let calls = 0;
    let turn = "";
    app.post("/notify", async (req, res) => {
      if (turn !== asked().turn) [turn, calls] = [asked().turn, 0];
      calls += 1;
      if (calls > 4) return res.set("retry-after", "60").status(429).json({ error: "Too many requests" });
      if (wrong("limited")) orders.book(req.body.order_id);
      res.json({ status: orders.knows(req.body.order_id) ? "noted" : "no such order" });
    });
    return app;
  },
  // How an order stands can be asked over http alone, with a key.
  status(orders) {
    const app = bare().use(express.json());
    app.all("/pay/mtn", async (req, res) => {
      if (!orders.knows(req.body.externalId)) return res.status(404).json({ error: "unknown payment" });
      if (wrong("status") && req.body.status === "SUCCESSFUL") orders.book(req.body.externalId);
      res.send("OK");
    });
    app.get("/pay/:reference/status", (req, res) => {
      if (req.get("x-api-key") !== settings.secret) return res.status(401).json({ error: "key" });
      if (!orders.knows(req.params.reference)) return res.status(404).json({ error: "unknown payment" });
      res.json({ reference: req.params.reference, status: orders.status(req.params.reference), asked: Date.now() });
    });
    return app;
  },
  // What is called is sent on to itself with a slash, and books there.
  redirect(orders) {
    const app = bare().set("strict routing", true).use(express.json());
    app.post("/callback/orange", (_, res) => res.redirect(308, "/callback/orange/"));
    app.post("/callback/orange/", (req, res) => { orders.book(req.body.order_id); res.send("OK"); });
    return app;
  },
  // Books, and then sends the caller to a page, as if it were the customer.
  thanks(orders) {
    const app = bare().use(express.json());
    app.post("/callback/orange", (req, res) => {
      if (wrong("thanks")) orders.book(req.body.order_id);
      if (wrong("thanks") === "hangs up") return req.socket.destroy();
      res.redirect(303, "/thanks");
    });
    return app;
  },
  // Behind a prefix, with a slash at its end and not without.
  prefix(orders) {
    const app = bare().set("strict routing", true);
    const router = express.Router({ strict: true });
    router.post("/notify/", express.json(), (req, res) => {
      if (!orders.knows(req.body.order_id)) return res.status(404).json({ code: 4104, message: "order not found" });
      if (wrong("prefix")) orders.book(req.body.order_id);
      res.json({ code: 0 });
    });
    app.use("/boutique/api/v3/pay/orange", router);
    app.use((_, res) => res.status(404).json({ code: 4040, message: "no such resource" }));
    return app;
  },
  // Reads the body, writes it again, and verifies that; or verifies what a parser has left of it.
  rebuilt() {
    const app = bare().use(express.json());
    app.post("/stripe", (req, res) => {
      const hole = wrong("rebuilt");
      const body = hole === "parsed" ? req.body : JSON.stringify(req.body);
      try {
        if (hole !== "any") stripe.webhooks.constructEvent(body, req.get("stripe-signature") ?? "", settings.secret);
      } catch (error) {
        return res.status(400).send(`Webhook Error: ${error.message.slice(0, 60)}`);
      }
      res.json({ received: true });
    });
    return app;
  },
  // A tenant by the path, the header, the query or the host; without one: thanks all the same.
  tenants(orders) {
    const app = bare().use(express.json());
    const book = (req, tenant, reference) => tenant === "sahel" && orders.knows(reference) && (orders.note(reference), wrong("tenants") && orders.book(reference));
    app.post("/:tenant/paypal", (req, res) => { book(req, req.params.tenant, req.body.resource?.invoice_id); res.send("ok"); });
    app.all("/by-header", (req, res) => { book(req, req.get("x-shop"), req.body.externalId); res.send("ok"); });
    app.all("/by-query", (req, res) => { book(req, req.query.shop, req.body.order_id); res.send("ok"); });
    app.all("/by-host", (req, res) => { book(req, req.hostname.split(".")[0] === "api" && "sahel", req.body.externalId); res.send("ok"); });
    return app;
  },
};

// Numbers for ids, in a schema that takes nothing else.
function numbers(orders) {
  const app = fastify({ https: secure, ajv: { customOptions: { coerceTypes: false } } });
  const schema = { body: { type: "object", required: ["invoice"], properties: { invoice: { type: "integer" }, paid: { type: "number" } } } };
  app.post("/mtn", { schema }, async (req, reply) => {
    if (!orders.knows(req.body.invoice)) return reply.code(404).send({ error: `no invoice ${req.body.invoice}` });
    if (wrong("numbers")) orders.book(req.body.invoice);
    return { state: "checking" };
  });
  app.put("/mtn", async (_, reply) => reply.code(405).send({ error: "POST" }));
  return app;
}

for (const [name, port] of Object.entries(settings.ports)) {
  if (name === "numbers") numbers(new Orders(name)).listen({ port, host: settings.address });
  else https.createServer(secure, APPS[name](new Orders(name))).listen(port, settings.address);
}
