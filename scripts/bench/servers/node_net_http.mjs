// @ts-check
// node:net that writes fixed bytes for whatever looks like the end of a head: what an HTTP server
// on Node can at best come close to.
import { createServer } from "node:net";
import { report } from "./control.mjs";
import { fixedAnswers } from "./fixed_answers.mjs";

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    socket.write(fixedAnswers(chunk));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") report(address.port);
});
