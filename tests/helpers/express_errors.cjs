// What Express answers to wrong requests: one line of JSON. Its arguments: the folder of packages, and who handles errors.
const { createRequire } = require("module");
const http = require("http");
const [folder, handled] = process.argv.slice(2);
const express = createRequire(`${folder}/node_modules/`)("express");

const app = express();
app.get("/item/:id", (request, response) => response.send(request.params.id));
app.get("/broken", () => { throw new TypeError("x is undefined"); });
if (handled === "own") {
  app.use((request, response) => response.status(404).json({ error: "not found" }));
  app.use((error, request, response, next) => response.status(error.status ?? 500).json({ error: "sorry" }));
}
console.error = () => {};
const server = app.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const asked = (path) => new Promise((done) => http.get({ port, host: "127.0.0.1", path }, (answer) => {
    let body = "";
    answer.on("data", (part) => { body += part; }).on("end", () => done([path, answer.statusCode, body]));
  }));
  console.log(JSON.stringify(await Promise.all(["/nothing", "/item/%zz", "/broken"].map(asked))));
  server.close();
});
