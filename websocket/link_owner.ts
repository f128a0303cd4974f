/** What a WebSocket connection tells its public face. @module */

/** A message: a text, or bytes. */
export type Message = string | Uint8Array;

/** How a connection closed. */
export interface CloseInfo {
  /** The peer's code; 1005 when its close frame had none, 1006 when no close frame came. */
  code: number;
  /** The peer's reason, or an empty text. */
  reason: string;
  /** Whether both sides said so by a close frame. */
  wasClean: boolean;
}

/** Who is told what happens. What its listeners throw is its own affair: it must not throw. */
export interface LinkOwner {
  /** Messages may go both ways. */
  onOpen(): void;
  /** A message for the listeners; false when there are none, and it is kept. */
  onMessage(message: Message): boolean;
  /** Whether there are listeners for messages at the moment. */
  listening(): boolean;
  /** A ping came, and was answered. */
  onPing(payload: Uint8Array): void;
  /** A pong came. */
  onPong(payload: Uint8Array): void;
  /** After a `send()` that answered false, everything has gone out. */
  onDrain(): void;
  /** The connection failed; `onClose` follows. */
  onError(error: unknown): void;
  /** The last call. */
  onClose(info: CloseInfo): void;
}

/** Where a connection stands. */
export type Phase = "connecting" | "open" | "closing" | "closed";
