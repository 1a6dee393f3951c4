// The chat server of the real stack: socket.io's own, of version 4 or 2. Its argument names a file of settings.
"use strict";
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");

const chat = JSON.parse(readFileSync(process.argv[2], "utf8"));
const server = createServer();

if (chat.engine === 3) {
  require(`${chat.modules}/socket.io-2`)(server);
} else {
  const { Server } = require(`${chat.modules}/socket.io`);
  new Server(server).use((socket, next) => {
    const known = socket.handshake.auth.token === chat.token;
    setTimeout(() => next(known ? undefined : new Error("unauthorized")), chat.delay_s * 1000);
  });
}
if (!chat.upgrades) {
  server.removeAllListeners("upgrade");
  server.on("upgrade", (_, socket) => socket.destroy());
}
server.listen(chat.port, "127.0.0.1");
