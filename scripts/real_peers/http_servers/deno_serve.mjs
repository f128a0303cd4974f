// A server on Deno.serve: `deno run -A deno_serve.mjs PORT`. It says `listening PORT`.

const MIB = 1024 * 1024;

function large(size) {
  const chunk = new Uint8Array(64 * 1024);
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
      size -= chunk.length;
      if (size <= 0) controller.close();
    },
  });
}

async function count(body) {
  let length = 0;
  for await (const chunk of body ?? []) length += chunk.length;
  return length;
}

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case "/large":
      return new Response(large(Number(searchParams.get("mib")) * MIB));
    case "/count":
      return Response.json(await count(request.body));
    case "/echo":
      return new Response(request.body);
    default:
      return new Response("small");
  }
}

Deno.serve({
  port: Number(Deno.args[0]),
  hostname: "127.0.0.1",
  onListen: ({ port }) => console.log(`listening ${port}`),
}, answer);
