// @ts-check
// What a user of an event-style UDP socket would write for each case: the same lines for node:dgram
// in both runtimes and for this library in both, so that the library is all that differs. The bare
// API of Deno has no events; its server shares the numbers.

/**
 * @typedef {object} Remote
 * @property {string} address
 * @property {number} port
 */

/**
 * @typedef {object} EventSocket
 * @property {(listener: (data: Uint8Array, remote: Remote) => void) => void} onMessage
 * @property {(data: Uint8Array, remote: Remote) => void} send Sends and does not wait.
 * @property {(data: Uint8Array, remote: Remote) => Promise<unknown>} sendAndWait
 */

/** Sends in flight at a time where the server sends by itself. */
export const WINDOW = 32;

/** Datagrams of which the receiver confirms one. */
const CONFIRMED = 256;

/**
 * Datagrams of 64 bytes with a running number. The kernel drops what a slow generator does not
 * take in time, so that the number tells how many were sent, and what arrives does not.
 */
export class Numbered {
  #count = 0;
  #datagrams = Array.from({ length: 4 * WINDOW }, () => new Uint32Array(16));

  next() {
    const numbers = this.#datagrams[this.#count % this.#datagrams.length];
    if (numbers === undefined) throw new Error("There is one for each number");
    numbers[0] = ++this.#count;
    return new Uint8Array(numbers.buffer);
  }
}

/** Counts what was received since a client began, and says when that is to be confirmed. */
export class Received {
  #count = 0;
  #port = 0;

  /** @param {number} port */
  add(port) {
    if (port !== this.#port) this.#count = 0;
    this.#port = port;
    this.#count++;
    return this.#count % CONFIRMED === 0
      ? new Uint8Array(new Uint32Array([this.#count]).buffer)
      : null;
  }
}

/** @param {EventSocket} socket @param {Remote} remote @param {Numbered} numbered @param {() => boolean} going */
async function sendOn(socket, remote, numbered, going) {
  while (going()) await socket.sendAndWait(numbered.next(), remote);
}

/** @type {Record<string, (socket: EventSocket) => void>} */
const roles = {
  echo(socket) {
    socket.onMessage((data, remote) => socket.send(data, remote));
  },

  receive(socket) {
    const received = new Received();
    socket.onMessage((_, remote) => {
      const confirmation = received.add(remote.port);
      if (confirmation !== null) socket.send(confirmation, remote);
    });
  },

  // Two bytes from a client start to send to it, anything else stops that.
  send(socket) {
    let current = 0;
    socket.onMessage((data, remote) => {
      const mine = ++current;
      if (data.length !== 2) return;
      const numbered = new Numbered();
      for (let i = 0; i < WINDOW; i++) {
        void sendOn(socket, remote, numbered, () => mine === current);
      }
    });
  },
};

/** @param {string | undefined} name @param {EventSocket} socket */
export function play(name, socket) {
  const role = roles[name ?? ""];
  if (role === undefined) throw new Error(`No role ${name}`);
  role(socket);
}
