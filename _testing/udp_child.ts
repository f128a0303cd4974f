/**
 * Helper module for the tests of the udp module: sockets of this library in a process of its own.
 * The first argument says which part to play, see {@linkcode ROLES}.
 *
 * @module
 */

import process from "node:process";
import { bind, createSocket, NetError, type UdpSocket } from "../udp/mod.ts";
import { isMain } from "./child.ts";
import { startUdpPeer } from "./udp_peer.ts";

/** Source path of this module. */
export const UDP_CHILD = "_testing/udp_child.ts";

/** What the child can do, by the name that is its first argument. */
const ROLES: Readonly<Record<string, (...args: string[]) => Promise<void>>> = {
  refused,
  group,
  group6,
  localhost,
  routes,
  unawaited,
  throwing,
  unref,
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "done";
  } catch (error) {
    return error instanceof NetError ? error.code : `not ours: ${error}`;
  }
}

/** Sends three times to a port where nobody is; with `listen`, prints what `error` told. */
async function refused(port = "", listen = ""): Promise<void> {
  const socket = createSocket();
  const codes = new Set<string>();
  if (listen !== "") {
    socket.on("error", (error) => {
      const { code, syscall } = error as NetError;
      codes.add(`${code}/${syscall}`);
    });
  }
  await socket.connect({ hostname: "127.0.0.1", port: Number(port) });
  for (let round = 0; round < 3; round++) {
    socket.send("anybody?");
    await pause(30);
  }
  await socket.close();
  console.log(["lives", ...codes].join(" "));
}

/** Prints the next datagram, or `nothing` if none comes in 100 ms. */
async function printNext(socket: UdpSocket): Promise<void> {
  const signal = AbortSignal.timeout(100);
  // Holds the process meanwhile, which such a signal does not.
  const [text] = await Promise.all([
    socket.read({ signal }).then(
      ({ data }) => new TextDecoder().decode(data),
      (error) => signal.aborted ? "nothing" : String(error),
    ),
    pause(100),
  ]);
  console.log(text);
}

/** The life of a member of a group; prints one line for each step. */
async function group(): Promise<void> {
  const address = "224.0.0.114";
  await using member = await bind({ hostname: "0.0.0.0" });
  await using sender = await bind({ hostname: "0.0.0.0", multicastInterface: "127.0.0.1" });
  const { port } = member.address;
  const tell = async (text: string) => {
    await sender.send(text, { hostname: address, port });
    await printNext(member);
  };
  await member.joinGroup(address, "127.0.0.1");
  await tell("joined");
  console.log(await codeOf(member.joinGroup(address, "127.0.0.1")));
  await member.leaveGroup(address, "127.0.0.1");
  await tell("left");
  console.log(await codeOf(member.leaveGroup(address, "127.0.0.1")));
  console.log(await codeOf(member.joinGroup("10.0.0.1")));
}

/** A group of IPv6 on an interface by its name, which the argument is. */
async function group6(networkInterface = ""): Promise<void> {
  const address = "ff02::114";
  await using member = await bind({ hostname: "::" });
  await using sender = await bind({ hostname: "::", multicastInterface: networkInterface });
  await member.joinGroup(address, networkInterface);
  await sender.send("joined", { hostname: address, port: member.address.port });
  await printNext(member);
  await member.leaveGroup(address, networkInterface);
  await sender.send("left", { hostname: address, port: member.address.port });
  await printNext(member);
}

/** Sends to a name from a socket of each family; prints who got it. */
async function localhost(): Promise<void> {
  await using at4 = await startUdpPeer({ host: "127.0.0.1" });
  await using at6 = await startUdpPeer({ host: "::1", port: at4.port });
  for (const hostname of ["0.0.0.0", "::1"]) {
    await using socket = await bind({ hostname });
    await socket.send(`from ${hostname}`, { hostname: "localhost", port: at4.port });
  }
  console.log(`127.0.0.1: ${(await at4.next()).text}`);
  console.log(`::1: ${(await at6.next()).text}`);
}

/** Sends where there is no way; prints the codes. */
async function routes(): Promise<void> {
  await using socket = await bind();
  for (const hostname of ["8.8.8.8", "2001:db8::1", "10.98.0.2", "10.97.0.2", "nope.test"]) {
    const sending = socket.send("x", { hostname, port: 9 });
    const { syscall } = await sending.catch((error) => error as NetError) as NetError;
    console.log(`${hostname} ${await codeOf(sending)} ${syscall}`);
  }
}

/** Leaves a failing send alone; the process ends of an unhandled rejection unless `listen`. */
async function unawaited(listen = ""): Promise<void> {
  const socket = await bind({ hostname: "127.0.0.1" });
  if (listen !== "") socket.on("error", (error) => console.log((error as NetError).code));
  socket.send(new Uint8Array(70_000), socket.address);
  socket.send("late", socket.address);
  await socket.close();
  socket.send("later", { hostname: "127.0.0.1", port: 9 });
  await pause(20);
  console.log("lives");
}

/** Throws in the listener for the first datagram; prints what came of it and the second. */
async function throwing(): Promise<void> {
  process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
  const socket = await bind({ hostname: "127.0.0.1" });
  const done = new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      const text = new TextDecoder().decode(data);
      if (text === "first") throw new Error("mine");
      console.log(text);
      resolve();
    });
  });
  await socket.send("first", socket.address);
  await socket.send("second", socket.address);
  await done;
}

/** Binds sockets that shall not hold the process, and leaves the end to it. */
async function unref(): Promise<void> {
  await createSocket().unref().bind({ hostname: "127.0.0.1" });
  const socket = await bind({ hostname: "127.0.0.1" });
  socket.on("message", (data) => {
    console.log(new TextDecoder().decode(data));
    socket.unref();
  });
  socket.unref();
  await pause(20);
  socket.ref();
  await pause(20);
  // What is sent to oneself is not mistaken for anything else.
  socket.send("message", socket.address);
}

async function main(role = "", ...args: string[]): Promise<void> {
  await ROLES[role]?.(...args);
  if (role !== "unref") process.exit();
}

if (isMain(UDP_CHILD)) main(...process.argv.slice(2));
