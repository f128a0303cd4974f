/** Reading and writing by Deno's own connections, as bare as it can be done. @module */

/** Writes all of it. */
export async function writeAll(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  let sent = await conn.write(data);
  while (sent < data.length) sent += await conn.write(data.subarray(sent));
}

/** Reads until `wanted` further bytes have come; false at the end of the stream. */
export async function readBytes(
  conn: Deno.Conn,
  buffer: Uint8Array,
  wanted: number,
): Promise<boolean> {
  for (let have = 0; have < wanted;) {
    const count = await conn.read(buffer);
    if (count === null) return false;
    have += count;
  }
  return true;
}

/** Reads to the end into one buffer of so many bytes, and has each chunk used before the next. */
export async function readEach(
  conn: Deno.Conn,
  size: number,
  use?: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(size);
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return;
    if (use !== undefined) await use(buffer.subarray(0, count));
  }
}
