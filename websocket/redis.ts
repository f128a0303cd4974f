/**
 * Topics shared by several processes over Redis, by its publish and subscribe. The client is the
 * application's own, of the package `redis`; this module loads none.
 *
 * @module
 */

import { randomBase64 } from "../_runtime/hash.ts";
import type { TopicBroker } from "./topics.ts";

/** What is needed of a client of the package `redis`, connected. */
export interface RedisClient {
  /** Publishes a message. */
  publish(channel: string, message: string): Promise<unknown>;
  /** Calls the listener for each message of a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Ends that. */
  unsubscribe(channel: string): Promise<unknown>;
}

/** How to use Redis. */
export interface RedisBrokerOptions {
  /** A client for publishing, which may serve others as well. */
  publisher: RedisClient;
  /** A client that does nothing but listen: `publisher.duplicate()`, connected. */
  subscriber: RedisClient;
  /** What the names of the channels begin with. Default `topic:`. */
  prefix?: string;
}

/** Base64 of this many random bytes says who published. */
const ORIGIN_BYTES = 12;
const ORIGIN_LENGTH = 16;

const KIND = { TEXT: "t", BYTES: "b" } as const;

function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Makes a broker for {@linkcode Topics} on two clients of the package `redis`. Messages go as text:
 * who sent it, of what kind it is, and the message, in base64 if it is bytes.
 *
 * @example
 * ```ts
 * import { redisBroker, Topics } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * // In place of: createClient() of npm:redis, and its duplicate(), both connected.
 * const published: string[] = [];
 * const client = {
 *   publish: async (channel: string) => published.push(channel),
 *   subscribe: async () => {},
 *   unsubscribe: async () => {},
 * };
 * const topics = new Topics({ broker: redisBroker({ publisher: client, subscriber: client }) });
 * await topics.publish("news", "extra");
 * assertEquals(published, ["topic:news"]);
 * ```
 */
export function redisBroker(options: RedisBrokerOptions): TopicBroker {
  const { publisher, subscriber, prefix = "topic:" } = options;
  const origin = randomBase64(ORIGIN_BYTES);
  let deliver: (topic: string, data: string | Uint8Array) => void = () => {};
  const receive = (topic: string, message: string) => {
    if (message.startsWith(origin)) return;
    const content = message.slice(ORIGIN_LENGTH + 1);
    deliver(topic, message[ORIGIN_LENGTH] === KIND.TEXT ? content : fromBase64(content));
  };
  return {
    start(callback) {
      deliver = callback;
    },
    async publish(topic, data) {
      const content = typeof data === "string" ? KIND.TEXT + data : KIND.BYTES + toBase64(data);
      await publisher.publish(prefix + topic, origin + content);
    },
    async subscribe(topic) {
      await subscriber.subscribe(prefix + topic, (message) => receive(topic, message));
    },
    async unsubscribe(topic) {
      await subscriber.unsubscribe(prefix + topic);
    },
  };
}
