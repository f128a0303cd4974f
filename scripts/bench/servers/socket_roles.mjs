// @ts-check
// What a user of an event-style socket would write for each case: the same lines for node:net in
// both runtimes and for this library in both, so that the library is all that differs.

/**
 * @typedef {object} EventSocket
 * @property {(event: string, listener: (chunk: Uint8Array) => void) => unknown} on
 * @property {(data: Uint8Array) => boolean} write
 * @property {() => unknown} pause
 * @property {() => unknown} resume
 * @property {() => unknown} destroy
 * @property {() => void} [cork]
 * @property {() => void} [uncork]
 */

const LINE = new Uint8Array(1024).fill(97);
const BURST = 64;

/** @param {EventSocket} socket */
function burst(socket) {
  for (let i = 0; i < BURST; i++) socket.write(LINE);
}

/** @type {Record<string, (socket: EventSocket) => void>} */
export const roles = {
  echo(socket) {
    socket.on("data", (chunk) => {
      socket.write(chunk);
    });
  },

  echoWithBackPressure(socket) {
    socket.on("data", (chunk) => {
      if (!socket.write(chunk)) socket.pause();
    });
    socket.on("drain", () => {
      socket.resume();
    });
  },

  receive(socket) {
    socket.on("data", () => {});
  },

  burst(socket) {
    socket.on("data", (request) => {
      for (let i = 0; i < request.length; i++) burst(socket);
    });
  },

  corkedBurst(socket) {
    socket.on("data", (request) => {
      for (let i = 0; i < request.length; i++) {
        socket.cork?.();
        burst(socket);
        socket.uncork?.();
      }
    });
  },

  accept(socket) {
    socket.destroy();
  },
};

/**
 * The connection listener for a role; a client that resets must not end the server.
 * @param {string | undefined} role
 * @returns {(socket: EventSocket) => void}
 */
export function connectionListener(role) {
  const serve = roles[role ?? ""];
  if (serve === undefined) throw new Error(`No role ${role}`);
  return (socket) => {
    socket.on("error", () => {});
    serve(socket);
  };
}
