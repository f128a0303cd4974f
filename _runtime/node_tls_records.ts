/**
 * Where the records of a TLS connection begin and end (RFC 8446, section 5.1): a closing message is a
 * record of its own, and Node's engine does not say that one came.
 *
 * @module
 */

const HEADER = 5;
const ALERT = 21;
const APPLICATION_DATA = 23;

/** An alert, its type and the tag in TLS 1.3 (RFC 8446, sections 5.2 and 6). */
const ENCRYPTED_ALERT = 19;

/** Follows the records of one direction, however they are cut into chunks. */
export class RecordWatch {
  /** Bytes of the last record that have come, and that it has with its header; 0 as long as unknown. */
  #have = 0;
  #size = 0;
  readonly #header = new Uint8Array(HEADER);

  /** Whether all that came ends with a record that may be an alert. */
  get endsWithAlert(): boolean {
    if (this.#size === 0 || this.#have < this.#size) return false;
    const type = this.#header[0];
    return type === ALERT || (type === APPLICATION_DATA && this.#size === HEADER + ENCRYPTED_ALERT);
  }

  /** Takes the next bytes, and gives where in them the last record begins. */
  feed(chunk: Uint8Array): number {
    let begin = 0;
    for (let at = 0; at < chunk.length;) {
      if (this.#size !== 0 && this.#have === this.#size) {
        this.#have = this.#size = 0;
        begin = at;
      }
      if (this.#size === 0) {
        this.#header[this.#have++] = chunk[at++]!;
        if (this.#have === HEADER) {
          this.#size = HEADER + this.#header[3]! * 256 + this.#header[4]!;
        }
      } else {
        const count = Math.min(this.#size - this.#have, chunk.length - at);
        this.#have += count;
        at += count;
      }
    }
    return begin;
  }
}

/** Whether the last of some whole records may be an alert. */
export function endsWithAlert(records: Uint8Array): boolean {
  const watch = new RecordWatch();
  watch.feed(records);
  return watch.endsWithAlert;
}
