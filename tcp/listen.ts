/** Listening at every address of a name, and at paths that a dead server left. @module */

import { ipVersion } from "../_core/address.ts";
import { NetError } from "../_core/errors.ts";
import type { Listener, ListenerSink } from "../_io/stream.ts";
import { systemError } from "../_runtime/map_error.ts";
import { runtime } from "../_runtime/mod.ts";
import type { ListenTcpRequest, SocketSettings } from "../_runtime/runtime.ts";
import type { readListenTarget } from "./options.ts";

/** How often a port that the system chose may turn out to be taken at another address. */
const PORT_TRIES = 10;

type Request = ReturnType<typeof readListenTarget>;

/** Opens the listeners of one server: one, or as many as its name has addresses. */
export async function openListeners(
  request: Request,
  settings: SocketSettings,
  sink: ListenerSink,
): Promise<Listener[]> {
  // What fails is told in a later turn, also where the runtime throws at once.
  await Promise.resolve();
  if ("path" in request) {
    const { path, mode, backlog } = request;
    if (request.removeStale) await removeStale(path);
    return [await runtime.listenUnix({ path, mode, backlog }, sink)];
  }
  const { hostname, port, backlog, ipv6Only = false, reusePort = false } = request;
  const tcp = { ...settings, host: hostname, port, backlog, ipv6Only, reusePort };
  if (hostname === undefined || ipVersion(hostname) !== 0 || !runtime.mayResolve(hostname, port)) {
    return [await runtime.listenTcp(tcp, sink)];
  }
  const addresses = (await runtime.lookup(hostname, 0)).map(({ address }) => address);
  return await listenAtAll([...new Set(addresses)], tcp, sink);
}

/** Listens at several addresses on one port; when the system chooses it, until one fits all. */
async function listenAtAll(
  hosts: readonly string[],
  request: ListenTcpRequest,
  sink: ListenerSink,
): Promise<Listener[]> {
  for (let tries = 1;; tries++) {
    const listeners: Listener[] = [];
    let { port } = request;
    try {
      for (const host of hosts) {
        const listener = await runtime.listenTcp({ ...request, host, port }, sink);
        listeners.push(listener);
        port = listener.address.port ?? port;
      }
      return listeners;
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.close()));
      const taken = error instanceof NetError && error.code === "EADDRINUSE";
      if (!taken || request.port !== 0 || tries === PORT_TRIES) throw error;
    }
  }
}

/** Removes the file of a server that is gone: one that nobody accepts at. */
async function removeStale(path: string): Promise<void> {
  const signal = new AbortController().signal;
  try {
    const stream = await runtime.connectUnix(path, signal);
    stream.close();
  } catch (error) {
    const code = error instanceof NetError ? error.code : "";
    if (code === "ECONNREFUSED") await runtime.removeFile(path);
    return;
  }
  throw systemError("EADDRINUSE", { syscall: "listen", address: path });
}
