import type { Load, LoadFactory } from "./load.ts";

/** Datagrams that are on their way at a time. */
const WINDOW = 32;

/** The client of one load: a socket, and the count of what was done. */
class Client {
  count = 0;
  open = true;
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #server: Deno.NetAddr;

  constructor(port: number) {
    this.#server = { transport: "udp", hostname: "127.0.0.1", port };
  }

  async send(data: Uint8Array): Promise<void> {
    await this.#socket.send(data, this.#server);
  }

  /** Gives each datagram that comes in, until the load is closed. */
  async receive(use: (data: Uint8Array) => unknown): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (this.open) {
      const [data] = await this.#socket.receive(buffer);
      await use(data);
    }
  }

  /** Runs a part of the client; that it fails while the load is being closed is expected. */
  run(part: () => Promise<void>): void {
    part().catch((error: unknown) => {
      if (this.open) throw error;
    });
  }

  close(): void {
    this.open = false;
    this.#socket.close();
  }

  asLoad(end?: () => void): Load {
    return {
      operations: () => this.count,
      close: () => {
        end?.();
        this.close();
      },
    };
  }
}

/** The running number or the count at the start of a datagram. */
function numberIn(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true);
}

/** 64 bytes there and back, 32 of them on their way. */
function echo(port: number): Promise<Load> {
  return Promise.resolve(startEcho(port, WINDOW).asLoad());
}

/** The same from 32 clients, one on its way for each. */
function echoOfMany(port: number): Promise<Load> {
  const clients = Array.from({ length: WINDOW }, () => startEcho(port, 1));
  return Promise.resolve({
    operations: () => clients.reduce((sum, { count }) => sum + count, 0),
    close: () => {
      for (const client of clients) client.close();
    },
  });
}

function startEcho(port: number, onTheWay: number): Client {
  const client = new Client(port);
  const message = new Uint8Array(64).fill(97);
  client.run(() =>
    client.receive(() => {
      client.count++;
      return client.send(message);
    })
  );
  for (let i = 0; i < onTheWay; i++) client.run(() => client.send(message));
  return client;
}

/** As many datagrams of 64 bytes as can be sent; what counts is what the server confirms. */
function send(port: number): Promise<Load> {
  const client = new Client(port);
  const message = new Uint8Array(64).fill(97);
  client.run(() => client.receive((data) => client.count = numberIn(data)));
  for (let i = 0; i < 8; i++) {
    client.run(async () => {
      while (client.open) await client.send(message);
    });
  }
  return Promise.resolve(client.asLoad());
}

/** Has the server send; its running number tells how many it has sent. */
async function receive(port: number): Promise<Load> {
  const client = new Client(port);
  client.run(() => client.receive((data) => client.count = numberIn(data)));
  await client.send(new Uint8Array(2));
  return client.asLoad(() => client.run(() => client.send(new Uint8Array(1))));
}

export const udpLoads: Readonly<Record<string, LoadFactory>> = {
  "udp.echo": echo,
  "udp.echoOfMany": echoOfMany,
  "udp.send": send,
  "udp.receive": receive,
};
