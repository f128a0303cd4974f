import { assertEquals } from "@std/assert";
import { concat } from "../_core/bytes.ts";
import { encodeForm, makeBoundary, readForm } from "./multipart.ts";

async function bytesOf(form: FormData): Promise<{ type: string; bytes: Uint8Array }> {
  const encoded = encodeForm(form, makeBoundary());
  const chunks: Uint8Array[] = [];
  for await (const chunk of readForm(encoded)) chunks.push(chunk);
  const bytes = concat(chunks);
  assertEquals(bytes.length, encoded.length);
  return { type: encoded.type, bytes };
}

Deno.test("encodeForm() gives what the platform reads back", async () => {
  const form = new FormData();
  form.append("name", "Zoë\nsecond line");
  form.append("name", "");
  form.append('odd "name"\r\n', "x");
  form.append("file", new File(["some ", new Uint8Array([0, 255, 13, 10])], 'ä"b.bin'));
  form.append("text", new File(["text"], "t.txt", { type: "text/plain" }));
  const { type, bytes } = await bytesOf(form);
  const read = await new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": type },
  }).formData();
  assertEquals(read.getAll("name"), ["Zoë\r\nsecond line", ""]);
  const file = read.get("file") as File;
  assertEquals(
    new Uint8Array(await file.arrayBuffer()),
    new Uint8Array([...new TextEncoder().encode("some "), 0, 255, 13, 10]),
  );
  assertEquals(file.type, "application/octet-stream");
  const text = read.get("text") as File;
  // Bun adds a charset to whatever is of text.
  const { type: plain } = new Blob([], { type: "text/plain" });
  assertEquals([text.name, text.type, await text.text()], ["t.txt", plain, "text"]);
});

Deno.test("encodeForm() escapes names, and ends by the boundary, when the form is odd", () => {
  const form = new FormData();
  form.append('a"\r\nb', "1");
  assertEquals(
    encodeForm(form, "B").parts.join(""),
    [
      "--B",
      'content-disposition: form-data; name="a%22%0D%0Ab"',
      "",
      "1",
      "--B--",
      "",
    ].join("\r\n"),
  );
  assertEquals(encodeForm(new FormData(), "B").parts.join(""), "--B--\r\n");
});
