// Runs the analyzers of MDN's HTTP Observatory on cases from standard input, and prints what each says of them.
//
// usage: node observatory.mjs FOLDER-OF-THE-PACKAGE < cases.json > verdicts.json

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const folder = process.argv[2];
const { Cookie, CookieJar } = createRequire(`${folder}/package.json`)("tough-cookie");
const NAMES = {
  csp: ["csp", "contentSecurityPolicyTest"],
  hsts: ["strict-transport-security", "strictTransportSecurityTest"],
  frames: ["x-frame-options", "xFrameOptionsTest"],
  nosniff: ["x-content-type-options", "xContentTypeOptionsTest"],
  referrer: ["referrer-policy", "referrerPolicyTest"],
  cors: ["cors", "crossOriginResourceSharingTest"],
  cookies: ["cookies", "cookiesTest"],
};
const HOME = "https://app.example/";

function headersOf(pairs) {
  const found = {};
  for (const [name, value] of pairs) (found[name] ??= []).push(value);
  for (const name of Object.keys(found)) if (name !== "set-cookie" && found[name].length === 1) found[name] = found[name][0];
  Object.defineProperty(found, "get", { value: (name) => found[name], enumerable: false });
  return found;
}

function asked(one) {
  const headers = headersOf(one.headers);
  const jar = new CookieJar();
  for (const line of headers["set-cookie"] ?? []) jar.setCookieSync(Cookie.parse(line), HOME, { http: true });
  const metas = new Map(Object.entries(one.metas ?? {}));
  const answer = { headers, request: { headers: { origin: one.origin } }, httpEquiv: metas, verified: true, status: 200 };
  const responses = { auto: answer, cors: answer, https: answer, http: answer };
  return { responses, hostname: "app.example", session: { url: new URL(HOME), jar } };
}

const verdicts = [];
for (const one of JSON.parse(await text(process.stdin))) {
  const [file, name] = NAMES[one.kind];
  const analyzers = await import(`${folder}/src/analyzer/tests/${file}.js`);
  const said = analyzers[name](asked(one));
  verdicts.push({ pass: said.pass, result: said.result });
}
process.stdout.write(JSON.stringify(verdicts));
