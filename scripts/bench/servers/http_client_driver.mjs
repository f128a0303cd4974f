// @ts-check
// What every HTTP client of the benchmark does: it waits for orders on a port, and asks a server for
// as long as the one who gave the order stays connected. `ask` does one whole request.
import { createServer } from "node:net";
import { report } from "./control.mjs";

/**
 * @typedef {{ url: string, method: string, body: string | undefined }} Order
 * @param {(order: Order) => Promise<unknown>} ask
 */
export function drive(ask) {
  const server = createServer((socket) => {
    let running = true;
    socket.on("error", () => {});
    socket.on("close", () => running = false);
    socket.setEncoding("utf8");
    socket.once("data", (line) => {
      const { concurrency, url, method, bytes } = JSON.parse(String(line));
      const body = bytes > 0 ? "x".repeat(bytes) : undefined;
      const order = { url, method, body };
      const client = async () => {
        // What fails once the server is gone is nobody's business.
        while (running) await ask(order).catch((error) => running && console.error(error));
      };
      for (let i = 0; i < concurrency; i++) client();
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address === "object") report(address.port);
  });
}
