/**
 * The name server of the namespace rig: answers a handful of made-up names in the ways a resolver
 * has to cope with. Wire format: RFC 1035 section 4.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";

/** What a query gets: the bytes of the answer, and how long to keep them back. */
export interface DnsAnswer {
  /** The name that was asked for, in lower case. */
  readonly name: string;
  /** The whole response message. */
  readonly reply: Uint8Array;
  /** Milliseconds to wait before it is sent. */
  readonly delay: number;
}

interface Zone {
  /** IPv4 address as four numbers. */
  readonly a?: readonly number[];
  /** IPv6 address as eight groups. */
  readonly aaaa?: readonly number[];
  /** RFC 1035 section 4.1.1 RCODE, 0 when absent. */
  readonly rcode?: number;
  readonly delay?: number;
}

const NXDOMAIN = 3;
const SERVFAIL = 2;
const LOOPBACK4 = [127, 0, 0, 1];
const LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 1];

/** Every other name is NXDOMAIN, as `nope.test` is. */
const ZONES: ReadonlyMap<string, Zone> = new Map<string, Zone>([
  ["both.test", { a: LOOPBACK4, aaaa: LOOPBACK6 }],
  ["servfail.test", { rcode: SERVFAIL }],
  ["slow.test", { a: LOOPBACK4, delay: 5000 }],
  // fd01::2 and 10.99.0.2 lie behind the device that swallows packets.
  ["v6dead.test", { a: LOOPBACK4, aaaa: [0xfd01, 0, 0, 0, 0, 0, 0, 2] }],
  ["v4dead.test", { a: [10, 99, 0, 2], aaaa: LOOPBACK6 }],
]);

const HEADER = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
/** Response, authoritative, recursion desired and available. */
const FLAGS = 0x8580;

/** Answers one query message, or `null` for what is not a query with one question. */
export function answerDns(query: Uint8Array): DnsAnswer | null {
  const question = readQuestion(query);
  if (question === null) return null;
  const { name, type, end } = question;
  const zone: Zone = ZONES.get(name) ?? { rcode: NXDOMAIN };
  const address = type === TYPE_A
    ? zone.a ?? []
    : type === TYPE_AAAA
    ? (zone.aaaa ?? []).flatMap((group) => [group >> 8, group & 255])
    : [];
  const flags = FLAGS | (zone.rcode ?? 0);
  const reply = Uint8Array.from([
    ...query.subarray(0, 2),
    ...[flags >> 8, flags & 255],
    // One question, `answers` answers, no authority, no additional records (so no EDNS).
    ...[0, 1, 0, address.length > 0 ? 1 : 0, 0, 0, 0, 0],
    ...query.subarray(HEADER, end),
    ...(address.length > 0 ? record(type, address) : []),
  ]);
  return { name, reply, delay: zone.delay ?? 0 };
}

/** A resource record for the name of the question (section 4.1.4: a pointer to offset 12). */
function record(type: number, data: readonly number[]): number[] {
  const [classIn, ttl] = [[0, 1], [0, 0, 0, 0]];
  return [0xc0, HEADER, 0, type, ...classIn, ...ttl, 0, data.length, ...data];
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Offset behind the question. */
  readonly end: number;
}

function readQuestion(query: Uint8Array): Question | null {
  const labels: string[] = [];
  let offset = HEADER;
  for (;;) {
    const length = query[offset];
    if (length === undefined || length > 63) return null;
    offset += 1 + length;
    if (length === 0) break;
    labels.push(String.fromCharCode(...query.subarray(offset - length, offset)));
  }
  const type = ((query[offset] ?? 0) << 8) | (query[offset + 1] ?? 0);
  const end = offset + 4;
  return end > query.length ? null : { name: labels.join(".").toLowerCase(), type, end };
}

/** A running name server. */
export interface DnsServer {
  /** UDP port it answers on. */
  readonly port: number;
  /** Stops it; answers that are still held back are not sent. */
  close(): Promise<void>;
}

/** Starts the name server on 127.0.0.1; `onQuery` hears each name that is asked for. */
export function startDns(port: number, onQuery: (name: string) => void): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const timers = new Set<ReturnType<typeof setTimeout>>();
  socket.on("message", (query: Uint8Array, from) => {
    const answer = answerDns(query);
    if (answer === null) return;
    onQuery(answer.name);
    const send = (): void => socket.send(answer.reply, from.port, from.address);
    if (answer.delay === 0) return send();
    const timer = setTimeout(() => {
      timers.delete(timer);
      send();
    }, answer.delay);
    timers.add(timer);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", () => {
      socket.removeListener("error", reject);
      resolve({ port: socket.address().port, close: () => closeDns(socket, timers) });
    });
  });
}

function closeDns(socket: Socket, timers: Set<ReturnType<typeof setTimeout>>): Promise<void> {
  for (const timer of timers) clearTimeout(timer);
  return new Promise((resolve) => socket.close(() => resolve()));
}
