/**
 * Networking for Deno and Node from one source. Each module is a namespace here, and can be
 * imported by itself: `@netstd/net/tcp`.
 *
 * @example
 * ```ts
 * import { tcp } from "@netstd/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = tcp.createServer((socket) => socket.pipe(socket));
 * await server.listen({ port: 0, hostname: "127.0.0.1" });
 *
 * const socket = tcp.connect(server.address);
 * socket.end("hello");
 * assertEquals(new TextDecoder().decode((await socket.read())!), "hello");
 * await socket.closed;
 * ```
 *
 * @module
 */

export * as http from "./http/mod.ts";
export * as tcp from "./tcp/mod.ts";
export * as tls from "./tls/mod.ts";
export * as udp from "./udp/mod.ts";
export * as websocket from "./websocket/mod.ts";
