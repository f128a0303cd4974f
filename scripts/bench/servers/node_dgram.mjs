// @ts-check
// node:dgram, run by Node and by Deno: node_dgram.mjs <role>
import { createSocket } from "node:dgram";
import process from "node:process";
import { report } from "./control.mjs";
import { play } from "./udp_roles.mjs";

/** Node answers within the turn: now and then the others have to get theirs. */
const SENDS_PER_TURN = 64;
let sends = 0;

const socket = createSocket("udp4");
socket.bind(0, "127.0.0.1", () => {
  play(process.argv[2], {
    onMessage: (listener) => socket.on("message", listener),
    send: (data, { port, address }) => socket.send(data, port, address),
    sendAndWait: (data, { port, address }) =>
      new Promise((resolve) => {
        const inTurn = ++sends % SENDS_PER_TURN !== 0;
        socket.send(data, port, address, inTurn ? resolve : () => setImmediate(resolve, null));
      }),
  });
  report(socket.address().port);
});
