/** Messages to everybody who subscribed to a topic, in this process and in others. @module */

import { checkNumber } from "../_core/check_number.ts";
import { netError } from "../_core/errors.ts";
import { linkOf, type WebSocketConnection } from "./connection.ts";
import * as limits from "./limits.ts";
import type { Link } from "./link.ts";
import type { Message } from "./link_owner.ts";
import { PreparedMessage } from "./prepared_message.ts";

/** Carries messages between processes; see {@linkcode redisBroker} for one. */
export interface TopicBroker {
  /** Comes first: what other processes publish is to be given to `deliver`. */
  start(deliver: (topic: string, data: string | Uint8Array) => void): void;
  /** Gives a message to the other processes. */
  publish(topic: string, data: string | Uint8Array): Promise<void>;
  /** Somebody here wants what is published to a topic from now on. */
  subscribe(topic: string): Promise<void>;
  /** Nobody here does any more. */
  unsubscribe(topic: string): Promise<void>;
}

/** How topics behave. */
export interface TopicsOptions {
  /** Joins this process to others. Default none. */
  broker?: TopicBroker;
  /** Bytes waiting to go out to a receiver above which it is slow. Default 1 MiB. */
  maxBacklog?: number;
  /** What a slow receiver gets: nothing of this message, or a close with 1013. Default `close`. */
  slowReceivers?: "drop" | "close";
}

/** How to publish. */
export interface PublishOptions {
  /** Who gets nothing: the sender, say. */
  except?: WebSocketConnection;
}

const DONE = Promise.resolve();

/**
 * Topics that connections of a server subscribe to. A message is framed and deflated once for all
 * of its receivers. A connection that closes leaves its topics.
 *
 * @example
 * ```ts
 * import { connect, serve, Topics } from "@netstd/net/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const topics = new Topics();
 * await using server = serve({ port: 0, hostname: "127.0.0.1" }, (connection) => {
 *   topics.subscribe("news", connection);
 *   connection.on("message", (data) => topics.publish("news", data));
 * });
 * const { port } = await server.opened;
 *
 * await using connection = connect(`ws://127.0.0.1:${port}/`);
 * connection.send("extra");
 * for await (const message of connection) {
 *   assertEquals(message, "extra");
 *   break;
 * }
 * ```
 */
export class Topics {
  /** Messages that slow receivers did not get. */
  dropped = 0;
  readonly #broker: TopicBroker | null;
  readonly #maxBacklog: number;
  readonly #closesSlow: boolean;
  readonly #receivers = new Map<string, Set<WebSocketConnection>>();
  readonly #topics = new Map<WebSocketConnection, Set<string>>();
  /** What the broker was asked for last: it is asked for one thing after the other. */
  #asked: Promise<void> = DONE;

  /** Makes an empty set of topics. */
  constructor(options: TopicsOptions = {}) {
    const { broker, maxBacklog, slowReceivers = "close" } = options;
    if (slowReceivers !== "close" && slowReceivers !== "drop") {
      throw netError(
        "ERR_INVALID_ARG_VALUE",
        `Cannot use ${String(slowReceivers)} for slowReceivers: it is neither drop nor close`,
      );
    }
    this.#broker = broker ?? null;
    this.#maxBacklog = checkNumber("maxBacklog", maxBacklog, limits.MAX_TOPIC_BACKLOG);
    this.#closesSlow = slowReceivers === "close";
    this.#broker?.start((topic, data) => this.#deliver(topic, data));
  }

  /** How many connections of this process have subscribed to a topic. */
  receivers(topic: string): number {
    return this.#receivers.get(topic)?.size ?? 0;
  }

  /**
   * Subscribes a connection. It gets what is published here at once; what other processes publish,
   * when the promise has resolved, which rejects with what the broker fails with.
   */
  subscribe(topic: string, connection: WebSocketConnection): Promise<void> {
    if (connection.readyState === "closed") return DONE;
    let topics = this.#topics.get(connection);
    if (topics === undefined) {
      this.#topics.set(connection, topics = new Set());
      connection.once("close", () => this.#leave(connection));
    }
    topics.add(topic);
    const receivers = this.#receivers.get(topic);
    if (receivers !== undefined) {
      receivers.add(connection);
      return this.#asked;
    }
    this.#receivers.set(topic, new Set([connection]));
    return this.#ask((broker) => broker.subscribe(topic));
  }

  /** Ends a subscription; one that does not exist is fine. */
  unsubscribe(topic: string, connection: WebSocketConnection): Promise<void> {
    this.#topics.get(connection)?.delete(topic);
    const receivers = this.#receivers.get(topic);
    if (receivers === undefined || !receivers.delete(connection) || receivers.size > 0) return DONE;
    this.#receivers.delete(topic);
    return this.#ask((broker) => broker.unsubscribe(topic));
  }

  /**
   * Sends a message to all who subscribed: here at once, elsewhere by the broker, which the promise
   * waits for. Messages of one publisher arrive in their order.
   */
  publish(
    topic: string,
    data: string | Uint8Array,
    options: PublishOptions = {},
  ): Promise<void> {
    this.#deliver(topic, data, options.except);
    return this.#broker === null ? DONE : this.#broker.publish(topic, data);
  }

  #deliver(topic: string, data: Message, except?: WebSocketConnection): void {
    const receivers = this.#receivers.get(topic);
    if (receivers === undefined) return;
    const prepared = new PreparedMessage(data);
    for (const connection of receivers) {
      if (connection === except) continue;
      const link = linkOf(connection);
      if (link.bufferedAmount > this.#maxBacklog) this.#onSlow(link);
      else prepared.sendTo(link);
    }
  }

  #onSlow(link: Link): void {
    this.dropped += 1;
    if (this.#closesSlow) link.close(1013, "Too slow");
  }

  #leave(connection: WebSocketConnection): void {
    const topics = this.#topics.get(connection) ?? [];
    this.#topics.delete(connection);
    // A broker that fails keeps a subscription too many, and tells whoever asks it next.
    for (const topic of topics) this.unsubscribe(topic, connection).catch(() => {});
  }

  #ask(what: (broker: TopicBroker) => Promise<void>): Promise<void> {
    const broker = this.#broker;
    if (broker === null) return DONE;
    const asked = this.#asked.then(() => what(broker));
    this.#asked = asked.catch(() => {});
    return asked;
  }
}
