/**
 * The chat of the demonstration's page: rooms are topics, and so are the live counters.
 *
 * What goes over a connection is JSON. From the page: `join`, `say`, `ping` and `exercise`; to it:
 * `said`, `people`, `pong`, `counters`, `exercised` and `refused`.
 *
 * @module
 */

import { Topics, type WebSocketConnection } from "@netstd/net/websocket";
import type { Counters, Meter } from "./counters.ts";

/** Time in ms between two reports of the counters. */
const REPORT_INTERVAL = 1_000;
const LONGEST_NAME = 30;
const LONGEST_TEXT = 500;

/** How many rows of the table were as expected. */
export interface Outcome {
  /** Those that were. */
  right: number;
  /** All of them. */
  total: number;
}

/** Whom the chat knows a connection as. */
interface Guest {
  name: string;
  room: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A text of a message, if it is one that can be shown. */
function textOf(value: unknown, longest: number): string | null {
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text.length > 0 && text.length <= longest ? text : null;
}

function parse(data: string | Uint8Array): Fields | null {
  try {
    const message: unknown = typeof data === "string" ? JSON.parse(data) : null;
    return typeof message === "object" ? message as Fields | null : null;
  } catch {
    return null;
  }
}

/** Everybody who has the page open. */
export class Chat {
  readonly #topics = new Topics({ slowReceivers: "drop" });
  readonly #guests = new Map<WebSocketConnection, Guest | null>();
  readonly #counters: Counters;
  readonly #meter: Meter;
  readonly #exercise: () => Promise<Outcome>;
  readonly #timer: ReturnType<typeof setInterval>;
  #isExercising = false;

  /** Starts to report the counters, until `stop()`. */
  constructor(counters: Counters, exercise: () => Promise<Outcome>) {
    this.#counters = counters;
    this.#meter = counters.of("WS");
    this.#meter.addOpen(() => this.size);
    this.#exercise = exercise;
    this.#timer = setInterval(() => this.#report(), REPORT_INTERVAL);
  }

  /** How many connections there are. */
  get size(): number {
    return this.#guests.size;
  }

  /** Takes a connection in, before it is open. */
  accept(connection: WebSocketConnection): void {
    this.#guests.set(connection, null);
    this.#meter.connected();
    this.#topics.subscribe("counters", connection);
    connection.on("open", () => this.#send(connection, this.#countersNow()));
    connection.on("message", (data) => this.#hear(connection, this.#meter.received(data)));
    connection.on("close", () => {
      this.#leaveRoom(connection);
      this.#guests.delete(connection);
    });
  }

  /** Reports no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #hear(connection: WebSocketConnection, data: string | Uint8Array): void {
    const message = parse(data) ?? {};
    if (message.type === "join") this.#join(connection, message);
    else if (message.type === "say") this.#say(connection, message);
    else if (message.type === "ping") this.#send(connection, { type: "pong", id: message.id });
    else if (message.type === "exercise") this.#exerciseAll();
    else this.#refuse(connection, "That is no message of this chat");
  }

  #join(connection: WebSocketConnection, { name: givenName, room: givenRoom }: Fields): void {
    const name = textOf(givenName, LONGEST_NAME);
    const room = textOf(givenRoom, LONGEST_NAME);
    if (name === null || room === null) {
      return this.#refuse(connection, `A name and a room have 1 to ${LONGEST_NAME} letters`);
    }
    this.#leaveRoom(connection);
    this.#guests.set(connection, { name, room });
    this.#topics.subscribe(`room ${room}`, connection);
    this.#tellPeople(room);
  }

  #say(connection: WebSocketConnection, message: Fields): void {
    const guest = this.#guests.get(connection) ?? null;
    const text = textOf(message.text, LONGEST_TEXT);
    if (guest === null) return this.#refuse(connection, "Join a room before you say something");
    if (text === null) {
      return this.#refuse(connection, `A message has 1 to ${LONGEST_TEXT} letters`);
    }
    const { name, room } = guest;
    this.#publish(`room ${room}`, { type: "said", room, name, text });
  }

  #leaveRoom(connection: WebSocketConnection): void {
    const guest = this.#guests.get(connection) ?? null;
    if (guest === null) return;
    this.#topics.unsubscribe(`room ${guest.room}`, connection);
    this.#tellPeople(guest.room);
  }

  #tellPeople(room: string): void {
    const count = this.#topics.receivers(`room ${room}`);
    this.#publish(`room ${room}`, { type: "people", room, count });
  }

  /** Has all services talk again, so that the counters move; one time after the other. */
  async #exerciseAll(): Promise<void> {
    if (this.#isExercising) return;
    this.#isExercising = true;
    const outcome = await this.#exercise();
    this.#isExercising = false;
    this.#publish("counters", { type: "exercised", ...outcome });
    this.#report();
  }

  #countersNow(): Fields {
    return { type: "counters", protocols: this.#counters.counts() };
  }

  #report(): void {
    this.#publish("counters", this.#countersNow());
  }

  #refuse(connection: WebSocketConnection, reason: string): void {
    this.#send(connection, { type: "refused", reason });
  }

  #send(connection: WebSocketConnection, message: Fields): void {
    connection.send(this.#meter.sent(JSON.stringify(message)));
  }

  #publish(topic: string, message: Fields): void {
    const text = JSON.stringify(message);
    for (let count = this.#topics.receivers(topic); count > 0; count--) this.#meter.sent(text);
    this.#topics.publish(topic, text);
  }
}
