/** Sending a response's streamed content with back-pressure. @module */

import { netError } from "../_core/errors.ts";
import type { ExchangeHost } from "./exchange.ts";
import { IncomingBody } from "./incoming_body.ts";
import type { ChunkReader } from "./read_ahead.ts";
import type { TrailersProvider } from "./trailers.ts";

/** Content on its way. */
export interface Sending {
  /** Resolves when all of it was handed down; rejects when it cannot be sent or fails. */
  readonly done: Promise<void>;
  /** The client is gone: lets the source know. */
  cancel(reason: unknown): void;
}

/** Sends a web stream, or content that comes in, chunk by chunk, and ends the response. */
export function sendBody(
  body: ReadableStream<Uint8Array> | ChunkReader | IncomingBody,
  host: ExchangeHost,
  trailers: TrailersProvider | null,
): Sending {
  if (body instanceof IncomingBody) {
    const done = relay(body, host).then(() => end(host, trailers));
    return { done, cancel: (reason) => body.cancel(reason) };
  }
  const reader = body instanceof ReadableStream ? body.getReader() : body;
  return {
    done: pump(reader, host, trailers),
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}

async function end(host: ExchangeHost, trailers: TrailersProvider | null): Promise<void> {
  const fields = trailers === null ? [] : await trailers();
  if (!host.engine.sendEnd(fields)) throw tooShort();
}

function tooShort(): Error {
  return netError("ERR_HTTP_BODY_LENGTH", "Cannot end the response: it is shorter than announced");
}

function tooLong(): Error {
  return netError("ERR_HTTP_BODY_LENGTH", "Cannot send the content: it is longer than announced");
}

function drained(host: ExchangeHost): Promise<void> {
  return new Promise((resolve) => host.whenDrained(resolve));
}

async function pump(
  reader: ChunkReader,
  host: ExchangeHost,
  trailers: TrailersProvider | null,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        throw netError("ERR_INVALID_ARG_TYPE", "Cannot send a chunk that is no Uint8Array");
      }
      host.joinTurn();
      if (!host.engine.sendContent(value)) throw tooLong();
      if (!host.hasRoom) await drained(host);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  }
  return end(host, trailers);
}

/** Straight from one connection to the other; chunks are borrowed, so what waits is copied. */
function relay(body: IncomingBody, host: ExchangeHost): Promise<void> {
  return new Promise((resolve, reject) => {
    body.consume({
      onChunk(chunk) {
        host.joinTurn();
        if (!host.engine.sendContent(chunk.slice())) {
          body.cancel();
          reject(tooLong());
          return false;
        }
        if (host.hasRoom) return true;
        host.whenDrained(() => body.resume());
        return false;
      },
      onEnd: resolve,
      onFail: reject,
    });
  });
}
