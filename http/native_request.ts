/**
 * Making requests of the platform. That costs many times what a small request costs otherwise, and
 * most of it is turning a URL and fields into the platform's own form; so one like the one before is
 * copied from a template.
 *
 * @module
 */

import type { Fields } from "./_engine/fields.ts";
import type { RequestHead } from "./_engine/message.ts";
import type { IncomingBody } from "./incoming_body.ts";
import { PlatformRequest } from "./native_slots.ts";

/** What a request of the platform is made of. */
export interface NativeParts {
  /** The head as it came. */
  readonly head: RequestHead;
  /** Makes the whole URL. */
  url(): string;
  /** The content; null when there is none. */
  readonly body: IncomingBody | null;
}

interface Init extends RequestInit {
  duplex: "half";
}

/** Methods that the platform has no requests of. */
const REFUSED = /^(?:CONNECT|TRACE|TRACK)$/i;

/** Whether the platform has requests of a method. */
export function hasMethod(method: string): boolean {
  return !REFUSED.test(method);
}

/** The second argument of the platform's constructor; another method stands for one it refuses. */
export function initOf({ head, body }: NativeParts, signal: AbortSignal | null): RequestInit {
  const { method, fields } = head;
  const headers: [string, string][] = [];
  for (let line = 0; line < fields.count; line++) {
    headers.push([fields.name(line), fields.value(line)]);
  }
  const init: Init = {
    method: hasMethod(method) ? method : "POST",
    headers,
    signal,
    duplex: "half",
  };
  // The platform has no content in these.
  const without = method === "GET" || method === "HEAD";
  if (body !== null && !without) init.body = body.used ? new ReadableStream() : body.stream;
  return init;
}

/** A template, and how to tell what it is good for. */
interface Template {
  readonly method: string;
  readonly url: string;
  readonly fields: Fields;
  /** Made when a second request is like the first. */
  request: Request | null;
}

let last: Template | null = null;

/** Without a signal to follow: the template has one. */
const ALONE: RequestInit = Object.freeze({ signal: null });

/**
 * Makes a request without a signal to follow; `made` is the platform's class, or one that extends it
 * and takes the same arguments.
 */
export function makeNative(made: typeof Request, parts: NativeParts): Request {
  const { head: { method, fields }, body } = parts;
  const url = parts.url();
  if (body !== null) return new made(url, initOf(parts, null));
  const known = last !== null && last.url === url && last.method === method &&
    last.fields.equals(fields);
  if (!known) {
    last = { method, url, fields, request: null };
    return new made(url, initOf(parts, null));
  }
  last!.request ??= new PlatformRequest(url, initOf(parts, null));
  return new made(last!.request, ALONE);
}
