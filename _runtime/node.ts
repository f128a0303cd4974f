/**
 * The runtime Node. The npm build has this file in the place of `deno.ts`.
 *
 * @module
 */

import * as fs from "node:fs";
import { netError } from "../_core/errors.ts";
import type { Listener, ListenerSink } from "../_io/stream.ts";
import type { BindUdpRequest, DatagramHandle, DatagramSink } from "./datagram.ts";
import { mapError, systemError } from "./map_error.ts";
import { lookup } from "./node_dns.ts";
import { connectTcp, connectUnix, listenTcp, listenUnix } from "./node_net.ts";
import type { ListenTcpRequest, Runtime } from "./runtime.ts";
import type { TlsEngine } from "./tls.ts";

/** Older versions take `reusePort` for nothing, and the second process fails with EADDRINUSE. */
function hasReusePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

function listen(request: ListenTcpRequest, sink: ListenerSink): Promise<Listener> {
  if (!request.reusePort || hasReusePort()) return listenTcp(request, sink);
  const message = "Cannot listen with reusePort: it takes Node 22.12, 23.1 or later";
  return Promise.reject(netError("ERR_FEATURE_UNAVAILABLE", message, { syscall: "listen" }));
}

async function removeFile(path: string): Promise<void> {
  const attempt = { syscall: "unlink", address: path };
  try {
    // A connect is refused at any file: only a socket may go.
    if (!(await fs.promises.lstat(path)).isSocket()) throw systemError("ENOTSOCK", attempt);
    await fs.promises.unlink(path);
  } catch (error) {
    const mapped = mapError(error, attempt);
    if (mapped.code !== "ENOENT") throw mapped;
  }
}

async function loadTls(): Promise<TlsEngine> {
  return (await import("./node_tls.ts")).engine;
}

/** Whoever wants only TCP shall not wait for it to load. */
async function bindUdp(request: BindUdpRequest, sink: DatagramSink): Promise<DatagramHandle> {
  return (await import("./node_datagram.ts")).bindUdp(request, sink);
}

/** Node as the library's runtime. */
export const runtime: Runtime = {
  mayResolve: () => true,
  lookup,
  connectTcp,
  connectUnix,
  listenTcp: listen,
  listenUnix,
  bindUdp,
  loadTls,
  removeFile,
};
