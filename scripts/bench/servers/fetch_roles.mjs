// @ts-check
// What a user of a fetch-style server would write for each case: the same lines for every such
// server, so that the server (and the Response it is given) is all that differs.
import { CHUNKS, HELLO } from "./http_content.mjs";

/**
 * @typedef {typeof Response} ResponseClass
 * @typedef {(request: Request) => Response | Promise<Response>} Handler
 */

const BYTES = CHUNKS.map((chunk) => new TextEncoder().encode(chunk));

/** A source that gives a chunk each time it is asked for one. */
function chunkStream() {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next < BYTES.length) controller.enqueue(BYTES[next++]);
      else controller.close();
    },
  });
}

/** @type {Record<string, (Response: ResponseClass) => Handler>} */
const roles = {
  hello: (Response) => () => new Response(HELLO),
  echoText: (Response) => async (request) => new Response(await request.text()),
  echoStream: (Response) => (request) => new Response(request.body),
  stream: (Response) => () => new Response(chunkStream()),
};

/**
 * @param {string | undefined} role
 * @param {ResponseClass} Response
 * @returns {Promise<Handler>}
 */
export async function fetchHandler(role, Response) {
  if (role === "hono") return await honoApp();
  const make = roles[role ?? ""];
  if (make === undefined) throw new Error(`No role ${role}`);
  return make(Response);
}

/** A Hono app for all cases; it uses the global Response. */
async function honoApp() {
  // Named by variables: these packages are there only where the benchmark of peers is wanted.
  const [core, streaming] = ["hono", "hono/streaming"];
  const { Hono } = await import(core);
  const { stream } = await import(streaming);
  const app = new Hono();
  // A client that leaves in the middle of its request is no news.
  app.onError(() => new Response(null, { status: 500 }));
  app.get("/", (/** @type {HonoContext} */ context) => context.text(HELLO));
  app.post("/echo", async (/** @type {HonoContext} */ context) => {
    return context.json(await context.req.json());
  });
  app.get(
    "/stream",
    (/** @type {HonoContext} */ context) =>
      stream(context, async (/** @type {{ write(chunk: string): Promise<unknown> }} */ output) => {
        for (const chunk of CHUNKS) await output.write(chunk);
      }),
  );
  return app.fetch;
}

/**
 * @typedef {object} HonoContext
 * @property {(text: string) => Response} text
 * @property {(value: unknown) => Response} json
 * @property {{ json(): Promise<unknown> }} req
 */
