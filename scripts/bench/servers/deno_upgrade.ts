// Deno.upgradeWebSocket below Deno.serve: deno_upgrade.ts <role>
import { report } from "./control.mjs";

const clients = new Set<WebSocket>();

const roles: Readonly<Record<string, (socket: WebSocket) => void>> = {
  echo(socket) {
    socket.onmessage = ({ data }) => socket.send(data);
  },

  broadcast(socket) {
    clients.add(socket);
    socket.onclose = () => clients.delete(socket);
    socket.onmessage = ({ data }) => {
      for (const client of clients) {
        if (client.readyState === WebSocket.OPEN) client.send(data);
      }
    };
  },
};

const role = roles[Deno.args[0] ?? ""];
if (role === undefined) throw new Error(`No role ${Deno.args[0]}`);
Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => report(port),
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  // The generator resets connections at the end of a round.
  socket.onerror = () => {};
  role(socket);
  return response;
});
