/** Where a client's requests go, and how their heads look there; remembered for the next ones. @module */

import { utf8 } from "../_core/text.ts";
import type { RequestMessage } from "./_engine/client_engine.ts";
import type { Framing } from "./_engine/message.ts";
import type { Route } from "./client_call.ts";
import type { ClientSettings, HttpClientOptions } from "./client_options.ts";
import { messageOf, plainTail, type RequestPlace, type RequestPlan } from "./client_request.ts";
import { dial } from "./dial.ts";
import { type Origin, originOf, parseUrl, splitPlain, type Target, targetOf } from "./origin.ts";
import type { Dial } from "./pool.ts";
import type { Pools } from "./pools.ts";
import type { Proxy } from "./proxy.ts";

/** What is known of an origin. */
interface Way {
  readonly place: RequestPlace;
  /** What comes before the path in the request target: a proxy wants the whole URL. */
  readonly prefix: string;
  /** The end of the head of a plain GET. */
  readonly tail: string;
  /** The name of its pool, and how to connect. */
  readonly key: string;
  readonly dial: Dial;
}

/** Ways that are remembered; a crawler shall not fill the memory with them. */
const MOST_WAYS = 4096;
/** The same for whole URLs, and the letters of one that is worth it. */
const MOST_TARGETS = 512;
const LONGEST_TARGET = 1024;

const NO_FRAMING: Framing = { kind: "none" };

/** The request of a caller who says nothing but the URL. */
export const PLAIN_GET: RequestPlan = {
  method: "GET",
  fields: [],
  content: null,
  expectContinue: false,
  upgrade: null,
};

/** See the module's text. */
export class Routes {
  readonly #options: HttpClientOptions;
  readonly #settings: ClientSettings;
  readonly #pools: Pools;
  readonly #ways = new Map<string, Way>();
  /** URLs that were asked for before: most programs have few. */
  readonly #targets = new Map<string, Target>();

  /** Makes the routes of a client. */
  constructor(options: HttpClientOptions, settings: ClientSettings, pools: Pools) {
    this.#options = options;
    this.#settings = settings;
    this.#pools = pools;
  }

  /** Takes a URL apart. Throws `ERR_INVALID_ARG_VALUE`. */
  target(url: string | URL): Target {
    if (typeof url === "string") {
      const target = this.#targets.get(url) ?? this.#plainTarget(url);
      if (target !== null) return target;
    }
    const parsed = parseUrl(url);
    const target = targetOf(parsed);
    if (!this.#ways.has(target.origin)) this.#addWay(originOf(parsed));
    return target;
  }

  /** The message of a request, and the pool that leads to its origin. */
  route(plan: RequestPlan, target: Target, decompress: boolean): Route {
    const way = this.#ways.get(target.origin) ?? this.#addWay(originOf(new URL(target.href)));
    const pool = this.#pools.pool(way.key, way.dial);
    const { authorization } = target;
    if (plan === PLAIN_GET && authorization === null) {
      return { message: target.plain ??= this.#plainMessage(way, target.path), pool };
    }
    const { keepAlive } = this.#settings;
    const place = { ...way.place, target: way.prefix + target.path, authorization };
    return { message: messageOf(plan, place, { decompress, keepAlive }), pool };
  }

  readonly #knows = (origin: string): boolean => this.#ways.has(origin);

  #plainTarget(url: string): Target | null {
    const target = splitPlain(url, this.#knows);
    if (target === null || url.length > LONGEST_TARGET) return target;
    if (this.#targets.size >= MOST_TARGETS) this.#targets.clear();
    this.#targets.set(url, target);
    return target;
  }

  #plainMessage(way: Way, path: string): RequestMessage {
    return {
      method: "GET",
      head: utf8(`GET ${way.prefix}${path}${way.tail}`),
      framing: NO_FRAMING,
      close: !this.#settings.keepAlive,
      expectsContinue: false,
      upgrade: null,
    };
  }

  #addWay(origin: Origin): Way {
    if (this.#ways.size >= MOST_WAYS) this.#ways.clear();
    const way = this.#makeWay(origin);
    this.#ways.set(origin.name, way);
    return way;
  }

  #makeWay(origin: Origin): Way {
    const { path } = this.#options;
    const proxy = path === undefined ? this.#settings.proxy(origin) : null;
    // Through a proxy all plain requests go the same way; what is secret takes a tunnel of its own.
    const relayed = proxy !== null && !origin.secure;
    const place = {
      target: "",
      host: origin.host,
      authorization: null,
      proxyAuthorization: relayed ? proxy.authorization : null,
    };
    return {
      place,
      prefix: relayed ? origin.name : "",
      tail: plainTail(place, this.#settings),
      key: relayed ? `proxy ${proxy.origin.name}` : origin.name,
      dial: this.#dialer(origin, proxy),
    };
  }

  #dialer(origin: Origin, proxy: Proxy | null): Dial {
    const { path } = this.#options;
    return (signal) => dial({ origin, proxy, path }, this.#options, this.#settings, signal);
  }
}
