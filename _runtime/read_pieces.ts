/**
 * Small pieces of memory for reads that wait: as many connections hold one as are open, and each in
 * a buffer of its own would cost as much again around it. They are cut out of slabs that all share,
 * and used again as soon as they are given back, without the collector.
 *
 * @module
 */

/** The size of a slab. One in which no piece is used is let go, but for the last. */
const SLAB_SIZE = 64 * 1024;

/** The pieces of a slab that nobody uses. */
class Slab {
  readonly buffer = new ArrayBuffer(SLAB_SIZE);
  readonly free: Uint8Array[] = [];

  constructor(size: number) {
    for (let end = SLAB_SIZE; end >= size; end -= size) {
      this.free.push(new Uint8Array(this.buffer, end - size, size));
    }
  }
}

/** Pieces of one size. */
export class ReadPieces {
  /** The size of a piece. */
  readonly size: number;
  /** Slabs that have a free piece, and all of them by their memory. */
  readonly #open: Slab[] = [];
  readonly #slabs = new Map<ArrayBufferLike, Slab>();

  /** Makes a source of pieces of a size. */
  constructor(size: number) {
    this.size = size;
  }

  /** How many slabs there are. */
  get slabs(): number {
    return this.#slabs.size;
  }

  /** A piece that nobody else uses; it holds what it held before. */
  take(): Uint8Array {
    const slab = this.#open.at(-1) ?? this.#grow();
    const piece = slab.free.pop()!;
    if (slab.free.length === 0) this.#open.pop();
    return piece;
  }

  /** Gives a piece back that `take()` gave. */
  give(piece: Uint8Array): void {
    const slab = this.#slabs.get(piece.buffer);
    if (slab === undefined) return;
    if (slab.free.push(piece) === 1) this.#open.push(slab);
    const isUnused = slab.free.length * this.size > SLAB_SIZE - this.size;
    if (!isUnused || this.#open.length === 1) return;
    this.#open.splice(this.#open.indexOf(slab), 1);
    this.#slabs.delete(slab.buffer);
  }

  #grow(): Slab {
    const slab = new Slab(this.size);
    this.#slabs.set(slab.buffer, slab);
    this.#open.push(slab);
    return slab;
  }
}
