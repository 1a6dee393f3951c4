// What the gateways' own libraries make of golive's events: reads a question as JSON, answers as JSON.
// Its argument is the folder of npm's packages.
"use strict";
const { readFileSync } = require("node:fs");
const modules = process.argv[2];
const asked = JSON.parse(readFileSync(0, "utf8"));

function verified({ body, header, secret, at }) {
  const stripe = new (require(`${modules}/stripe`))("sk_test_none");
  try {
    return stripe.webhooks.constructEvent(Buffer.from(body, "base64"), header, secret, 300, undefined, at * 1000).id;
  } catch (error) {
    return { refused: error.type ?? error.name };
  }
}

// What PayPal's SDK has no place for in an object of its, by path: its schemas drop such a thing on the way there and back.
function lost(object, kept, path) {
  if (object === null || typeof object !== "object") return [];
  return Object.entries(object).flatMap(([name, value]) => {
    const at = path ? `${path}.${name}` : name;
    return kept?.[name] === undefined ? [at] : lost(value, kept[name], at);
  });
}

function without({ schema, object }) {
  const { validateAndMap, validateAndUnmap } = require(`${modules}/@apimatic/schema`);
  const known = require(`${modules}/@paypal/paypal-server-sdk/dist/cjs/models/${schema}.js`)[`${schema}Schema`];
  const there = validateAndMap(object, known);
  if (there.errors) return there.errors.map((each) => `${each.path.join(".")}: ${each.message}`);
  return lost(object, validateAndUnmap(there.result, known).result, "");
}

process.stdout.write(JSON.stringify({ verified: (asked.stripe ?? []).map(verified), paypal: (asked.paypal ?? []).map(without) }));
