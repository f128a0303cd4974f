/**
 * WebSocket clients that spend less than any server: frames are made before, and of what comes back
 * bytes are counted, or at most heads of frames.
 */
import { createDeflateRaw } from "node:zlib";
import { jsonMessages } from "../servers/websocket_content.mjs";
import type { Load, LoadFactory } from "./load.ts";
import { readBytes, writeAll } from "../bare_conn.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Connects in groups of this size: a listener's backlog does not take thousands at once. */
const GROUP = 50;

/** Any key will do for a client that does not browse (RFC 6455, section 10.3). */
const KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

const OPCODE = { text: 1, binary: 2 } as const;
const FIN = 0x80;
const DEFLATED = 0x40;

/** How many bytes the head of a server's frame has. */
function headLength(payload: number): number {
  return payload < 126 ? 2 : payload <= 0xffff ? 4 : 10;
}

/** A client's frame. */
function maskedFrame(first: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = headLength(length) + 4;
  const frame = new Uint8Array(head + length);
  const view = new DataView(frame.buffer);
  frame[0] = first;
  frame[1] = 0x80 | (length < 126 ? length : length <= 0xffff ? 126 : 127);
  if (frame[1] === 0xfe) view.setUint16(2, length);
  if (frame[1] === 0xff) view.setBigUint64(2, BigInt(length));
  frame.set(KEY, head - 4);
  for (let at = 0; at < length; at++) frame[head + at] = payload[at]! ^ KEY[at & 3]!;
  return frame;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

async function handshake(conn: Deno.Conn, extensions: string): Promise<void> {
  const lines = [
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(extensions === "" ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
  ];
  await writeAll(conn, new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  let answer = "";
  const buffer = new Uint8Array(KIB);
  while (!answer.endsWith("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`No handshake: ${answer}`);
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  const agreed = answer.toLowerCase().includes("sec-websocket-extensions: permessage-deflate");
  if (!answer.startsWith("HTTP/1.1 101 ") || agreed !== (extensions !== "")) {
    throw new Error(`Not the handshake that it has to be: ${answer}`);
  }
}

/** Connections of one load, with the count of what they have done. */
class Clients {
  count = 0;
  open = true;
  readonly #conns: Deno.TcpConn[] = [];
  readonly #port: number;
  readonly #extensions: string;

  constructor(port: number, extensions = "") {
    this.#port = port;
    this.#extensions = extensions;
  }

  async #connect(): Promise<Deno.TcpConn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    conn.setNoDelay(true);
    await handshake(conn, this.#extensions);
    this.#conns.push(conn);
    return conn;
  }

  async connect(count: number): Promise<Deno.TcpConn[]> {
    const conns: Deno.TcpConn[] = [];
    for (let left = count; left > 0; left -= GROUP) {
      const group = Array.from({ length: Math.min(GROUP, left) }, () => this.#connect());
      conns.push(...await Promise.all(group));
    }
    return conns;
  }

  /** Runs a client until it ends; that it fails while the load is being closed is expected. */
  run(client: () => Promise<void>): void {
    client().catch((error: unknown) => {
      if (this.open) throw error;
    });
  }

  asLoad(): Load {
    return {
      operations: () => this.count,
      grow: async (more) => void await this.connect(more),
      close: () => {
        this.open = false;
        for (const conn of this.#conns) conn.close();
      },
    };
  }
}

interface Echo {
  readonly connections: number;
  /** Messages that are sent together, before any of them is answered. */
  readonly inFlight: number;
  readonly size: number;
  readonly kind: keyof typeof OPCODE;
}

/** Sends one message and looks at what comes back. */
async function probe(conn: Deno.Conn, opcode: number, payload: Uint8Array): Promise<void> {
  await writeAll(conn, maskedFrame(FIN | opcode, payload));
  const answer = new Uint8Array(headLength(payload.length) + payload.length);
  for (let have = 0; have < answer.length;) {
    const count = await conn.read(answer.subarray(have));
    if (count === null) throw new Error("The server closed the connection instead of answering");
    have += count;
  }
  const content = answer.subarray(headLength(payload.length));
  if (answer[0] !== (FIN | opcode) || content.some((byte, at) => byte !== payload[at])) {
    throw new Error("The answer is not what was sent");
  }
}

function echo({ connections, inFlight, size, kind }: Echo): LoadFactory {
  const opcode = OPCODE[kind];
  const payload = Uint8Array.from({ length: size }, (_, at) => 97 + at % 26);
  const one = maskedFrame(FIN | opcode, payload);
  const request = concat(Array.from({ length: inFlight }, () => one));
  const answer = inFlight * (headLength(size) + size);
  return async (port) => {
    const clients = new Clients(port);
    const conns = await clients.connect(connections);
    await probe(conns[0]!, opcode, payload);
    for (const conn of conns) {
      clients.run(async () => {
        const buffer = new Uint8Array(Math.min(256 * KIB, answer + KIB));
        for (;;) {
          // A large message may come back while it is still on its way.
          const [answered] = await Promise.all([
            readBytes(conn, buffer, answer),
            writeAll(conn, request),
          ]);
          if (!answered) return;
          clients.count += inFlight;
        }
      });
    }
    return clients.asLoad();
  };
}

/** Counts frames of less than 64 KiB by their heads. */
class FrameCounter {
  frames = 0;
  #skip = 0;
  #head: number[] = [];

  push(bytes: Uint8Array, length: number): void {
    let at = 0;
    while (at < length) {
      const skipped = Math.min(this.#skip, length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === length) break;
      this.#head.push(bytes[at++]!);
      this.#begin();
    }
  }

  #begin(): void {
    const [, short, high, low] = this.#head;
    if (short === undefined || (short === 126 && low === undefined)) return;
    this.#skip = short === 126 ? high! * 256 + low! : short;
    this.#head = [];
    this.frames += 1;
  }
}

/** Deflates a message by itself, as a client may at any time. */
function deflated(text: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const stream = createDeflateRaw({ level: 6 });
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk)).on("error", reject);
    stream.write(text);
    // Without the four bytes that end each (RFC 7692, section 7.2.1).
    stream.flush(() => resolve(concat(chunks).subarray(0, -4)));
  });
}

/** JSON of 2 KiB, compressed both ways with the memory of earlier messages. */
async function deflateEcho(port: number): Promise<Load> {
  const clients = new Clients(port, "permessage-deflate");
  const payloads = await Promise.all(jsonMessages(16).map(deflated));
  const frames = payloads.map((payload) => maskedFrame(FIN | DEFLATED | OPCODE.text, payload));
  for (const conn of await clients.connect(64)) {
    clients.run(async () => {
      const buffer = new Uint8Array(8 * KIB);
      const counter = new FrameCounter();
      for (let sent = 0;;) {
        await writeAll(conn, frames[sent++ % frames.length]!);
        while (counter.frames < sent) {
          const count = await conn.read(buffer);
          if (count === null) return;
          clients.count -= counter.frames;
          counter.push(buffer, count);
          clients.count += counter.frames;
        }
      }
    });
  }
  return clients.asLoad();
}

/** Publishes so many messages together, each for 1,000 receivers, when the last ones have come. */
function broadcast(together: number): LoadFactory {
  const payload = Uint8Array.from({ length: 64 }, (_, at) => 97 + at % 26);
  const one = maskedFrame(FIN | OPCODE.text, payload);
  const request = concat(Array.from({ length: together }, () => one));
  const share = together * (headLength(payload.length) + payload.length);
  return async (port) => {
    const clients = new Clients(port);
    const conns = await clients.connect(1000);
    const publisher = conns[0]!;
    let owed = 0;
    const publish = () => {
      owed = conns.length;
      return writeAll(publisher, request);
    };
    for (const conn of conns) {
      clients.run(async () => {
        const buffer = new Uint8Array(share + KIB);
        while (await readBytes(conn, buffer, share)) {
          clients.count += together;
          owed -= 1;
          if (owed === 0) await publish();
        }
      });
    }
    clients.run(publish);
    return clients.asLoad();
  };
}

/** Connections that say nothing after the handshake. */
async function idle(port: number, count: number): Promise<Load> {
  const clients = new Clients(port);
  await clients.connect(count);
  return clients.asLoad();
}

export const websocketLoads: Readonly<Record<string, LoadFactory>> = {
  "websocket.small": echo({ connections: 64, inFlight: 1, size: 64, kind: "binary" }),
  "websocket.text": echo({ connections: 64, inFlight: 1, size: 64, kind: "text" }),
  "websocket.pipelined": echo({ connections: 64, inFlight: 16, size: 64, kind: "binary" }),
  "websocket.middle": echo({ connections: 64, inFlight: 1, size: 16 * KIB, kind: "binary" }),
  "websocket.large": echo({ connections: 8, inFlight: 1, size: MIB, kind: "binary" }),
  "websocket.deflate": deflateEcho,
  "websocket.broadcast": broadcast(1),
  "websocket.broadcastBursts": broadcast(16),
  "websocket.idle": idle,
};
