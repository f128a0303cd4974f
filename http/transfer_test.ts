/**
 * Much content up and down between the server and the runtime's own `fetch()`: no byte lost, and
 * neither side far ahead of the other, whoever is slow.
 */

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { pattern } from "../_testing/pattern.ts";
import { Response as LightResponse, serve } from "./mod.ts";

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
/** The prime keeps the ends of chunks away from those of everybody's buffers. */
const CHUNK = 65_521;

/** The system's buffers of both ends, which grow with their use, and those of the client. */
const MOST_AHEAD = 24 * MIB;

const LOCAL = { port: 0, hostname: "127.0.0.1" } as const;

type Bytes = Uint8Array<ArrayBuffer>;

/** That of the pattern. */
const PERIOD = 251;
/** Made once, since making it costs more than carrying it. */
const sample = pattern(2 * MIB) as Bytes;
/** A piece of the content. */
const piece = (size: number, offset: number) => {
  return sample.subarray(offset % PERIOD, offset % PERIOD + size);
};

/** How far content was produced and consumed, and the most that lay between. */
class Gauge {
  produced = 0;
  consumed = 0;
  ahead = 0;

  produce(count: number): void {
    this.produced += count;
    this.ahead = Math.max(this.ahead, this.produced - this.consumed);
  }

  consume(count: number): void {
    this.consumed += count;
  }
}

/** A stream of the pattern that is made as it is asked for. */
function source(gauge: Gauge): ReadableStream<Bytes> {
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(CHUNK, SIZE - gauge.produced);
      if (size === 0) return controller.close();
      controller.enqueue(piece(size, gauge.produced).slice());
      gauge.produce(size);
    },
  });
}

/** Reads a stream to its end, and tells where a chunk first was not the pattern's, or -1. */
async function drain(body: ReadableStream<Bytes>, gauge: Gauge): Promise<number> {
  let wrong = -1;
  for await (const chunk of body) {
    const same = Buffer.compare(chunk, piece(chunk.length, gauge.consumed)) === 0;
    if (!same && wrong < 0) wrong = gauge.consumed;
    gauge.consume(chunk.length);
  }
  return wrong;
}

function assertCarried(gauge: Gauge, wrong: number): void {
  assertEquals([gauge.produced, gauge.consumed, wrong], [SIZE, SIZE, -1]);
  assert(gauge.ahead <= MOST_AHEAD, `${gauge.ahead} bytes were ahead`);
}

for (const [name, Class] of [["light", LightResponse], ["platform's", Response]] as const) {
  Deno.test(`serve() sends 64 MiB no faster than they are read when the Response is the ${name}`, async () => {
    const gauge = new Gauge();
    await using server = serve(LOCAL, () => new Class(source(gauge)));
    const { port } = await server.opened;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assertCarried(gauge, await drain(response.body as ReadableStream<Bytes>, gauge));
  });

  Deno.test(`serve() sends 64 MiB back as they come when the Response is the ${name}`, async () => {
    const gauge = new Gauge();
    await using server = serve(LOCAL, (request) => new Class(request.body as ReadableStream));
    const { port } = await server.opened;
    const init = { method: "POST", body: source(gauge), duplex: "half" } as RequestInit;
    const response = await fetch(`http://127.0.0.1:${port}/`, init);
    assertCarried(gauge, await drain(response.body as ReadableStream<Bytes>, gauge));
  });
}

Deno.test("serve() receives 64 MiB no faster than the handler reads them", async () => {
  const gauge = new Gauge();
  await using server = serve(LOCAL, async (request) => {
    return new LightResponse(`${await drain(request.body as ReadableStream<Bytes>, gauge)}`);
  });
  const { port } = await server.opened;
  const init = { method: "POST", body: source(gauge), duplex: "half" } as RequestInit;
  const response = await fetch(`http://127.0.0.1:${port}/`, init);
  assertCarried(gauge, Number(await response.text()));
});
