import { assertEquals } from "@std/assert";
import { answerOffers, type DeflateWishes, offerOf, readAnswer } from "./extension.ts";

const PLAIN: DeflateWishes = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

const THRIFTY: DeflateWishes = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 11,
};

/** The field that a server answers; "malformed", or null for none. */
function answer(field: string | null, wishes: DeflateWishes | null = PLAIN): string | null {
  const answered = answerOffers(field, wishes);
  return answered === null ? "malformed" : answered.field;
}

Deno.test("answerOffers() accepts the offers that it can", () => {
  for (
    const [offer, expected] of [
      ["permessage-deflate", "permessage-deflate"],
      ["PerMessage-Deflate; Client_Max_Window_Bits", "permessage-deflate"],
      [
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      ],
      [
        "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=15",
      ],
      [
        'permessage-deflate; server_max_window_bits="10"; client_max_window_bits=8',
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits=8",
      ],
      ["x-other, permessage-deflate", "permessage-deflate"],
      [
        "permessage-deflate; x, permessage-deflate; server_max_window_bits=9",
        "permessage-deflate; server_max_window_bits=9",
      ],
    ] as const
  ) {
    assertEquals(answer(offer), expected, offer);
  }
});

Deno.test("answerOffers() declines an offer with a parameter that cannot be", () => {
  for (
    const params of [
      "server_max_window_bits",
      "server_max_window_bits=7",
      "server_max_window_bits=16",
      "server_max_window_bits=08",
      "server_max_window_bits=9.0",
      "server_max_window_bits=1e1",
      "server_max_window_bits=+9",
      "client_max_window_bits=0",
      "client_max_window_bits=015",
      "server_no_context_takeover=1",
      "client_no_context_takeover=true",
      "unknown",
      "server_no_context_takeover; server_no_context_takeover",
      "client_max_window_bits; client_max_window_bits=10",
    ]
  ) {
    assertEquals(answer(`permessage-deflate; ${params}`), null, params);
  }
});

Deno.test("answerOffers() answers nothing without an offer or a wish, and tells what is malformed", () => {
  assertEquals([answer(null), answer("x-other")], [null, null]);
  assertEquals(answer("permessage-deflate", null), null);
  assertEquals([answer(""), answer("a;"), answer("a;", null)], Array(3).fill("malformed"));
});

Deno.test("answerOffers() keeps to the wishes as far as the client allows", () => {
  const answered = answerOffers("permessage-deflate", THRIFTY)!;
  assertEquals(
    answered.field,
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
      "server_max_window_bits=10",
  );
  assertEquals(answered.deflate, { ...THRIFTY, clientMaxWindowBits: 15 });
  const hinted = answerOffers("permessage-deflate; client_max_window_bits", THRIFTY)!;
  assertEquals(hinted.deflate, THRIFTY);
});

Deno.test("readAnswer() agrees with what answerOffers() agreed to", () => {
  for (const client of [PLAIN, THRIFTY, { ...PLAIN, serverMaxWindowBits: 8 }]) {
    for (const server of [PLAIN, THRIFTY, { ...PLAIN, clientMaxWindowBits: 9 }]) {
      const { deflate, field } = answerOffers(offerOf(client), server)!;
      assertEquals(readAnswer(field, client), deflate);
    }
  }
});

Deno.test("readAnswer() gives null for no compression", () => {
  assertEquals([readAnswer(null, PLAIN), readAnswer(null, null)], [null, null]);
});

Deno.test("readAnswer() says why an answer fails the connection", () => {
  const refused = (field: string, wishes: DeflateWishes | null = PLAIN) =>
    assertEquals(typeof readAnswer(field, wishes), "string", field);
  refused("permessage-deflate", null);
  refused("");
  refused("x-other");
  refused("permessage-deflate, permessage-deflate");
  refused("permessage-deflate; client_max_window_bits");
  refused("permessage-deflate; server_max_window_bits=08");
  refused("permessage-deflate; server_max_window_bits=16");
  refused("permessage-deflate; unknown");
  refused("permessage-deflate; server_no_context_takeover=1");
  refused("permessage-deflate; server_no_context_takeover; server_no_context_takeover");
  refused("permessage-deflate", { ...PLAIN, serverMaxWindowBits: 10 });
  refused("permessage-deflate; server_max_window_bits=11", { ...PLAIN, serverMaxWindowBits: 10 });
  refused("permessage-deflate; client_max_window_bits=12", { ...PLAIN, clientMaxWindowBits: 10 });
  refused("permessage-deflate", { ...PLAIN, serverNoContextTakeover: true });
});

Deno.test("offerOf() offers to forget as well, unless the client does so anyway", () => {
  const forgetting = "permessage-deflate; client_no_context_takeover; client_max_window_bits=9";
  const wishes = { ...PLAIN, clientMaxWindowBits: 9 };
  assertEquals(offerOf(wishes), `permessage-deflate; client_max_window_bits=9, ${forgetting}`);
  assertEquals(offerOf({ ...wishes, clientNoContextTakeover: true }), forgetting);
});
