// Deno.serve: deno_serve.ts <role>
import { report } from "./control.mjs";
import { fetchHandler } from "./fetch_roles.mjs";

const handler = await fetchHandler(Deno.args[0], Response);
Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  // A client that leaves in the middle of its request is no news.
  onError: () => new Response(null, { status: 500 }),
  onListen: ({ port }) => report(port),
}, handler);
