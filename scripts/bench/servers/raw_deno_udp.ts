// Deno's own API, as bare as it can be used: raw_deno_udp.ts <role>. What a library on Deno can at
// best come close to: one buffer for all that comes in, no queue, no events, errors or limits.
import { report } from "./control.mjs";
import { Numbered, Received, WINDOW } from "./udp_roles.mjs";

const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });

async function receiveEach(use: (data: Uint8Array, from: Deno.NetAddr) => unknown): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const [data, from] = await socket.receive(buffer);
    await use(data, from as Deno.NetAddr);
  }
}

async function sendOn(to: Deno.Addr, numbered: Numbered, going: () => boolean): Promise<void> {
  while (going()) await socket.send(numbered.next(), to);
}

async function receive(): Promise<void> {
  const received = new Received();
  await receiveEach((_, from) => {
    const confirmation = received.add(from.port);
    if (confirmation !== null) void socket.send(confirmation, from);
  });
}

async function send(): Promise<void> {
  let current = 0;
  await receiveEach((data, from) => {
    const mine = ++current;
    if (data.length !== 2) return;
    const numbered = new Numbered();
    for (let i = 0; i < WINDOW; i++) void sendOn(from, numbered, () => mine === current);
  });
}

const roles: Record<string, () => Promise<void>> = {
  echo: () => receiveEach((data, from) => socket.send(data, from)),
  receive,
  send,
};

void roles[Deno.args[0] ?? ""]?.();
report((socket.addr as Deno.NetAddr).port);
