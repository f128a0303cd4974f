import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { DeflateWishes } from "./extension.ts";
import { acceptOf, answerRequest, checkResponse, type ServerWishes } from "./handshake.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest("base64");

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const DEFLATE: DeflateWishes = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const NOTHING: ServerWishes = { protocols: [], deflate: null };

type Fields = Record<string, string | null>;

const fieldOf = (fields: Fields) => (name: string) => fields[name] ?? null;

/** Answers the request of section 1.3 with some fields changed. */
function answer(changes: Fields = {}, wishes = NOTHING, method = "GET") {
  const fields: Fields = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": KEY,
    "sec-websocket-version": "13",
    ...changes,
  };
  return answerRequest({ method, field: fieldOf(fields) }, wishes, sha1);
}

/** The status of a refusal. */
function status(changes: Fields, method = "GET"): number {
  const answered = answer(changes, NOTHING, method);
  return answered.ok ? 101 : answered.status;
}

Deno.test("acceptOf() answers the example of section 1.3", () => {
  assertEquals(acceptOf(KEY, sha1), ACCEPT);
});

Deno.test("answerRequest() accepts a handshake however it is spelled", () => {
  assertEquals(answer(), {
    ok: true,
    fields: [["sec-websocket-accept", ACCEPT]],
    protocol: "",
    deflate: null,
  });
  for (const [name, value] of [["upgrade", "h2c, WebSocket"], ["connection", "close, UPGRADE"]]) {
    assertEquals(status({ [name!]: value! }), 101);
  }
  assertEquals(status({ "content-length": "0" }), 101);
});

Deno.test("answerRequest() refuses what is no handshake", () => {
  assertEquals(status({}, "POST"), 405);
  assertEquals(status({ upgrade: null }), 426);
  assertEquals(status({ upgrade: "websocket2" }), 426);
  assertEquals(status({ connection: null }), 400);
  assertEquals(status({ connection: "keep-alive" }), 400);
  assertEquals(status({ "content-length": "5" }), 400);
  assertEquals(status({ "transfer-encoding": "chunked" }), 400);
  assertEquals(status({ "sec-websocket-version": null }), 426);
  for (const version of ["8", "12", "14", "013", "13, 13", ""]) {
    assertEquals(status({ "sec-websocket-version": version }), 426, version);
  }
  const refused = answer({ "sec-websocket-version": "8" });
  assertEquals(refused.fields, [
    ["upgrade", "websocket"],
    ["connection", "upgrade"],
    ["sec-websocket-version", "13"],
  ]);
});

Deno.test("answerRequest() refuses a key that is not 16 bytes in base64", () => {
  const keys = [null, "", "abc", KEY.slice(1), `${KEY}=`, `${KEY}, ${KEY}`, KEY.replace("=", "A")];
  for (const key of [...keys, `${KEY.slice(0, 10)}-${KEY.slice(11)}`]) {
    assertEquals(status({ "sec-websocket-key": key }), 400, String(key));
  }
});

Deno.test("answerRequest() chooses a subprotocol by the client's order", () => {
  const wishes = { protocols: ["a", "b"], deflate: null };
  const choose = (offered: string) => {
    const answered = answer({ "sec-websocket-protocol": offered }, wishes);
    return answered.ok ? [answered.protocol, answered.fields[1]?.[1]] : answered.status;
  };
  assertEquals(choose("x, b, a"), ["b", "b"]);
  assertEquals(choose("x"), ["", undefined]);
  for (const malformed of ["", "a, a", "a b", "a;b", ","]) {
    assertEquals(choose(malformed), 400, malformed);
  }
});

Deno.test("answerRequest() answers offers of compression", () => {
  const wishes = { protocols: [], deflate: DEFLATE };
  const field = { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits" };
  const answered = answer(field, wishes);
  assert(answered.ok);
  assertEquals(answered.deflate, DEFLATE);
  assertEquals(answered.fields[1], ["sec-websocket-extensions", "permessage-deflate"]);
  assertEquals(status({ "sec-websocket-extensions": "a; b=" }), 400);
});

Deno.test("checkResponse() agrees to what was asked for, and says what is wrong otherwise", () => {
  const wishes = { key: KEY, protocols: ["a", "b"], deflate: DEFLATE };
  const check = (changes: Fields, code = 101, asked = wishes) => {
    const fields: Fields = {
      "upgrade": "WebSocket",
      "connection": "upgrade",
      "sec-websocket-accept": ACCEPT,
      "sec-websocket-protocol": "b",
      ...changes,
    };
    return checkResponse(code, fieldOf(fields), asked, sha1);
  };
  assertEquals(check({}), { protocol: "b", deflate: null });
  assertEquals(check({ "sec-websocket-extensions": "permessage-deflate" }), {
    protocol: "b",
    deflate: DEFLATE,
  });
  const none = { "sec-websocket-protocol": null };
  assertEquals(check(none, 101, { ...wishes, protocols: [] }), { protocol: "", deflate: null });
  for (
    const [changes, code] of [
      [{}, 200],
      [{ upgrade: null }],
      [{ upgrade: "websocket, h2c" }],
      [{ connection: "close" }],
      [{ "sec-websocket-accept": null }],
      [{ "sec-websocket-accept": ACCEPT.toLowerCase() }],
      [{ "sec-websocket-accept": `${ACCEPT}, ${ACCEPT}` }],
      [none],
      [{ "sec-websocket-protocol": "c" }],
      [{ "sec-websocket-protocol": "a, b" }],
      [{ "sec-websocket-extensions": "x-other" }],
    ] as [Fields, number?][]
  ) {
    assertEquals(typeof check(changes, code), "string", JSON.stringify(changes));
  }
  assertEquals(typeof check({}, 101, { ...wishes, protocols: [] }), "string");
});
