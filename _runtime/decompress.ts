/**
 * Decompression of HTTP content codings by `node:zlib`, which both runtimes have.
 *
 * @module
 */

import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";

/** The content codings of RFC 9110, section 8.4.1, and brotli (RFC 7932). */
export type Coding = "gzip" | "deflate" | "br";

/** What a decompressor tells. */
export interface DecompressorSink {
  /** Decompressed bytes; the chunk is the receiver's. */
  onData(chunk: Uint8Array): void;
  /** The chunk that was written is used up: the next may come. */
  onTaken(): void;
  /** All was decompressed. */
  onEnd(): void;
  /** The input is not what it should be, or ends too early. */
  onError(error: Error): void;
}

/** A decompressor at work. */
export interface Decompressor {
  /** Takes the next chunk of input, when none is at work; `onTaken` answers. */
  write(chunk: Uint8Array): void;
  /** The input is complete, when none is at work; `onEnd` or `onError` answers. */
  end(): void;
  /** Holds the output back. */
  pause(): void;
  /** Lets it flow, as from the start. */
  resume(): void;
  /** Gives it up; nothing is told any more. */
  close(): void;
}

/** Some servers send `deflate` without its zlib wrapper, which always begins with an 8 here. */
function isRaw(first: number): boolean {
  return (first & 0x0f) !== 8;
}

/** Bytes of output at a time. */
const CHUNK_SIZE = 32 * 1024;

function create(coding: Coding, first: number) {
  const options = { chunkSize: CHUNK_SIZE };
  if (coding === "gzip") return createGunzip(options);
  if (coding === "br") return createBrotliDecompress(options);
  return isRaw(first) ? createInflateRaw(options) : createInflate(options);
}

/** Makes a decompressor; `first` is the first byte of its input. */
export function createDecompressor(
  coding: Coding,
  first: number,
  sink: DecompressorSink,
): Decompressor {
  const stream = create(coding, first);
  let open = true;
  let given = 0;
  stream.on("data", (chunk: Uint8Array) => {
    if (open) sink.onData(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  });
  stream.on("end", () => {
    if (!open) return;
    if (stream.bytesWritten > given) sink.onError(new Error("Unexpected end of the input"));
    else sink.onEnd();
  });
  stream.on("error", (error: Error) => open && sink.onError(error));
  return {
    write(chunk) {
      given += chunk.length;
      stream.write(chunk, (error) => !error && open && sink.onTaken());
    },
    // Deno's brotli takes a cut for the end. One byte more is left over after a real end only.
    end: () => void (coding === "br" ? stream.end(new Uint8Array(1)) : stream.end()),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => {
      open = false;
      stream.destroy();
    },
  };
}

/** Decompresses a whole input at once; throws when it is not whole, or gives more than `most`. */
export function decompressAll(
  coding: Exclude<Coding, "br">,
  input: Uint8Array,
  most: number,
): Uint8Array {
  const options = { maxOutputLength: most };
  const output = coding === "gzip"
    ? gunzipSync(input, options)
    : isRaw(input[0]!)
    ? inflateRawSync(input, options)
    : inflateSync(input, options);
  return new Uint8Array(output.buffer, output.byteOffset, output.byteLength);
}
