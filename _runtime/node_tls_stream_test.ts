import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { Cancellation } from "../_core/cancellation.ts";
import type { ByteStream } from "../_io/stream.ts";
import { heldTlsClient } from "../_testing/held_tls_client.ts";
import { IN_DENO } from "../_testing/in_deno.ts";
import { IN_BUN } from "../_testing/in_bun.ts";
import { MemoryStream } from "../_testing/memory_stream.ts";
import { nodePair } from "../_testing/node_pair.ts";
import { pattern } from "../_testing/pattern.ts";
import { RecordingSink, STREAM_CONTRACT, withSinks } from "../_testing/stream_contract.ts";
import { testCertificates } from "../_testing/tls_certificates.ts";
import { nextTurn } from "./clock.ts";
import { NodeStream } from "./node_stream.ts";
import { engine } from "./node_tls.ts";
import { StreamDuplex } from "./node_tls_duplex.ts";
import { Carrier } from "./node_tls_stream.ts";
import type { SecureStream, SessionSettings } from "./tls.ts";

const NOTHING = new Uint8Array(0);

/** Two streams over connected sockets of node. */
async function tcpPair(): Promise<[NodeStream, NodeStream]> {
  const [connected, accepted] = await nodePair();
  return [new NodeStream(connected), new NodeStream(accepted)];
}

const COMMON: SessionSettings = {
  ca: undefined,
  alpnProtocols: [],
  minVersion: undefined,
  // With TLS 1.3 a client that closes at once leaves tickets unread, and the system sends an RST.
  maxVersion: "TLSv1.2",
  rejectUnauthorized: true,
  strictClose: false,
};
const NEVER = new Cancellation();

/** A server's session over a connected stream. */
async function accept(below: ByteStream, common = COMMON): Promise<SecureStream> {
  const { server: identity } = await testCertificates();
  const settings = { ...common, identity, choose: undefined, requestCert: false };
  return await new Promise((opened, failed) =>
    engine.createAcceptor(settings).accept(below, NOTHING, NEVER, { opened, failed })
  );
}

/** A client's session and its server's, over two connected streams. */
async function sessions(
  [below, peerBelow]: readonly [ByteStream, ByteStream],
  strictClose = false,
): Promise<[SecureStream, SecureStream]> {
  const { authority } = await testCertificates();
  const client = { host: "localhost", identity: undefined, pins: [], details: true };
  const settings = { ...COMMON, ...client, ca: [authority.cert], strictClose };
  return await Promise.all([
    engine.connect(below, NOTHING, settings, NEVER),
    accept(peerBelow),
  ]);
}

Deno.test("TlsNodeStream keeps the contract of streams when it stands on TCP", async (t) => {
  for (const [rule, check] of Object.entries(STREAM_CONTRACT)) {
    await t.step(rule, async () => {
      await check(withSinks(...await sessions(await tcpPair())));
    });
  }
});

Deno.test("TlsNodeStream moves bytes and ends both ways when it stands on a stream in memory", async (t) => {
  const rules = [
    "tells both ends of both addresses",
    "moves bytes whole and in order, with short writes told",
    "ends one side and keeps the other open",
  ];
  for (const rule of rules) {
    await t.step(rule, async () => {
      await STREAM_CONTRACT[rule]!(withSinks(...await sessions(MemoryStream.pair())));
    });
  }
});

Deno.test("TlsNodeStream carries another session, be it one that has to see the ends or not", async () => {
  for (const strictClose of [false, true]) {
    const outer = await sessions(await tcpPair());
    const { a, b, atB } = withSinks(...outer);
    b.resume();
    a.write(pattern(5));
    await atB.until(() => atB.received === 5);
    const rule = "moves bytes whole and in order, with short writes told";
    await STREAM_CONTRACT[rule]!(withSinks(...await sessions(outer, strictClose)));
  }
});

Deno.test("TlsNodeStream tells the closing message from a cut when it stands on a Duplex", async () => {
  for (const strictClose of [false, true]) {
    for (const cut of [false, true]) {
      const below = MemoryStream.pair();
      const [a, b] = await sessions(below, strictClose);
      const { atA, atB } = withSinks(a, b);
      a.resume();
      b.write(pattern(5));
      await atA.until(() => atA.received === 5);
      assertEquals(a.closedCleanly, undefined);
      if (cut) below[1].close();
      else b.end();
      const failed = cut && strictClose;
      await atA.saw(failed ? "close" : "end");
      assertEquals(a.closedCleanly, !cut);
      assertEquals(atA.error?.code, failed ? "ERR_TLS_TRUNCATED" : undefined);
      a.close();
      b.close();
      await Promise.all([atA.saw("close"), atB.saw("close")]);
    }
  }
});

Deno.test("TlsNodeStream fails with the error of the stream below, not with an end", async () => {
  const below = MemoryStream.pair();
  const [a, b] = await sessions(below);
  const { atA, atB } = withSinks(a, b);
  a.resume();
  b.write(pattern(5));
  await atA.until(() => atA.received === 5);
  below[0].fail("ECONNRESET");
  await atA.saw("close");
  assertEquals(atA.log, ["data", "close"]);
  assertEquals([atA.error?.code, a.closedCleanly], ["ECONNRESET", undefined]);
  b.close();
  await atB.saw("close");
});

Deno.test({
  name: "TlsNodeStream fails when the last messages of its handshake met a reset",
  // It is Node's engine that forgets them.
  ignore: IN_DENO,
  async fn() {
    for (const strictClose of [false, true]) {
      const [raw, below] = await nodePair();
      const opened = accept(new NodeStream(below), {
        ...COMMON,
        maxVersion: undefined,
        strictClose,
      });
      const client = await heldTlsClient(raw);
      // What follows the closing message is nothing to the engine, be it a reset.
      client.session.end("hello");
      await once(client.session, "finish");
      client.leave();
      raw.resetAndDestroy();
      const stream = await opened;
      const sink = new RecordingSink();
      stream.attach(sink);
      stream.resume();
      await sink.until(() => sink.received === 5);
      await nextTurn();
      stream.write(pattern(5));
      await sink.saw("close");
      // Bun's engine tells of the reset in either case.
      assertEquals(sink.error?.code, strictClose && !IN_BUN ? "EPIPE" : "ECONNRESET");
      client.session.destroy();
    }
  },
});

Deno.test("TlsNodeStream passes settings on to the stream below when it stands on a Duplex", async () => {
  const below = MemoryStream.pair();
  const [a, b] = await sessions(below);
  const { atA, atB } = withSinks(a, b);
  a.setNoDelay(true);
  a.setKeepAlive(true, 1000);
  a.unref();
  a.ref();
  const settings = ["setNoDelay(true)", "setKeepAlive(true, 1000)", "unref", "ref"];
  assertEquals(below[0].calls.filter((call) => settings.includes(call)), settings);
  a.close();
  b.close();
  await Promise.all([atA.saw("close"), atB.saw("close")]);
});

Deno.test("Carrier stands on the socket of node unless it has to see the ends", async () => {
  for (const seesEnds of [false, true]) {
    const [stream, peer] = await tcpPair();
    const sink = new RecordingSink();
    peer.attach(sink);
    peer.resume();
    const { remoteAddress } = stream;
    const carrier = new Carrier(stream, pattern(3), seesEnds);
    assertEquals(carrier.socket instanceof StreamDuplex, seesEnds);
    assertEquals(carrier.remoteAddress, remoteAddress);
    assert(remoteAddress?.transport === "tcp");
    const { address, port } = remoteAddress;
    assertEquals(carrier.attempt("read"), { syscall: "read", address, port });
    const [early] = await Promise.all([once(carrier.socket, "data"), carrier.socket.resume()]);
    assertEquals(new Uint8Array(early[0]), pattern(3));
    carrier.destroy();
    await sink.saw("end");
    peer.close();
    await sink.saw("close");
  }
});
