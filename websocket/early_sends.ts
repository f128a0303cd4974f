/** What was sent before the connection was there. @module */

import type { CloseStatus } from "./_engine/close_code.ts";
import type { Message } from "./link_owner.ts";

/** Who sends it then. */
export interface EarlySender {
  /** Sends a message. */
  send(message: Message): boolean;
  /** Begins to close. */
  close(code: number, reason: string): void;
}

/** Messages, and the close behind them. */
export class EarlySends {
  /** How much waits; text counts a byte a letter. */
  size = 0;
  #messages: Message[] = [];
  #close: CloseStatus | null = null;

  /** Keeps a message; false when it comes after the close. */
  keep(message: Message): boolean {
    if (this.#close !== null) return false;
    this.#messages.push(message);
    this.size += message.length;
    return true;
  }

  /** Keeps a close; the first counts. */
  close(code: number, reason: string): void {
    this.#close ??= { code, reason };
  }

  /** Sends all, and forgets it. */
  sendBy(sender: EarlySender): void {
    const messages = this.#messages;
    this.#messages = [];
    this.size = 0;
    for (const message of messages) sender.send(message);
    if (this.#close !== null) sender.close(this.#close.code, this.#close.reason);
  }
}
