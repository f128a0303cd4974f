import { assertEquals, assertRejects } from "@std/assert";
import { type FileAccess, SocketFile } from "./socket_file.ts";

/** Files by their paths. */
class FakeFiles implements FileAccess {
  readonly at = new Map<string, string>();
  denies = false;

  identify(path: string): string | undefined {
    return this.at.get(path);
  }

  rename(from: string, to: string): void {
    if (this.denies) throw new Error("Not allowed");
    this.at.set(to, this.at.get(from)!);
    this.at.delete(from);
  }
}

function setup(path = "/a") {
  const files = new FakeFiles();
  files.at.set("/a", "own");
  const file = new SocketFile(path, files);
  /** What a runtime does. */
  const close = (): Promise<void> => {
    files.at.delete(path);
    return Promise.resolve();
  };
  return { files, file, close };
}

Deno.test("SocketFile lets its own file go when the socket closes, and is content with none", async () => {
  for (const gone of [false, true]) {
    const { files, file, close } = setup();
    if (gone) files.at.delete("/a");
    await file.whileClosing(close);
    assertEquals([...files.at], []);
  }
});

Deno.test("SocketFile keeps the file of another when the socket closes, or fails to", async () => {
  for (const fails of [false, true]) {
    const { files, file, close } = setup();
    files.at.set("/a", "another's");
    const closing = file.whileClosing(async () => {
      await close();
      if (fails) throw new Error("Failed");
    });
    if (fails) await assertRejects(() => closing, Error, "Failed");
    await closing.catch(() => {});
    assertEquals([...files.at], [["/a", "another's"]]);
  }
});

Deno.test("SocketFile closes the socket when the file of another cannot be put aside", async () => {
  const { files, file, close } = setup();
  files.at.set("/a", "another's");
  files.denies = true;
  await file.whileClosing(close);
  assertEquals([...files.at], []);
});

Deno.test("SocketFile looks for no file when the socket has an abstract name", async () => {
  const { files, file, close } = setup("\0a");
  files.at.set("\0a", "strange");
  files.denies = true;
  await file.whileClosing(close);
  assertEquals([...files.at], [["/a", "own"]]);
});
