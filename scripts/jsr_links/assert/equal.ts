/**
 * Deep equality by the rules of the real `@std/assert`: prototypes have to agree (a `Buffer` never
 * equals a `Uint8Array`, a missing property never equals `undefined`), `0` equals `-0`, `NaN`
 * equals itself, and of class instances the inherited members count too, getters included.
 */

type Pairs = Map<object, object>;

const TypedArray = Object.getPrototypeOf(Uint8Array) as abstract new () => ArrayLike<unknown>;

/** Instances of these compare as their strings do. */
const COMPARED_AS_TEXT: ReadonlySet<unknown> = new Set([
  RegExp.prototype,
  URL.prototype,
  URLSearchParams.prototype,
  Intl.Locale.prototype,
]);

/** Tells whether two values are equal at every depth. */
export function equal(a: unknown, b: unknown): boolean {
  return same(a, b, new Map());
}

function same(a: unknown, b: unknown, seen: Pairs): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (!samePrototype(a, b)) return false;
  if (a instanceof TypedArray) return sameElements(a, b as ArrayLike<unknown>);
  if (isBuffer(a)) return sameElements(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} instances`);
  }
  if (a instanceof WeakRef) return same(a.deref(), (b as WeakRef<object>).deref(), seen);
  if (seen.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  seen.set(a, b);
  if (a instanceof Set) return sameSet(a, b as Set<unknown>, seen);
  if (a instanceof Map) return sameMap(a, b as Map<unknown, unknown>, seen);
  return sameObject(a, b, seen);
}

function samePrototype(a: object, b: object): boolean {
  const left = Object.getPrototypeOf(a) ?? Object.prototype;
  const right = Object.getPrototypeOf(b) ?? Object.prototype;
  return left === right;
}

function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index] && !Object.is(a[index], b[index])) return false;
  }
  return true;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

function sameSet(a: Set<unknown>, b: Set<unknown>, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  if ([...a].every(isPrimitive)) {
    requireSetMethods();
    return [...a].every((value) => b.has(value));
  }
  return [...a].every((left) => [...b].some((right) => same(left, right, seen)));
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  if ([...a.keys()].every(isPrimitive)) {
    return [...a].every(([key, value]) => b.has(key) && same(value, b.get(key), seen));
  }
  return [...a].every(([leftKey, left]) =>
    [...b].some(([rightKey, right]) => same(leftKey, rightKey, seen) && same(left, right, seen))
  );
}

function sameObject(a: object, b: object, seen: Pairs): boolean {
  const prototype: unknown = Object.getPrototypeOf(a) ?? Object.prototype;
  if (COMPARED_AS_TEXT.has(prototype)) return String(a) === String(b);
  const plain = prototype === Object.prototype || prototype === Array.prototype;
  const keys = plain ? Reflect.ownKeys({ ...a, ...b }) : [...keysDeep(a), ...keysDeep(b)];
  return keys.every((key) =>
    same(Reflect.get(a, key), Reflect.get(b, key), seen) && (key in a) === (key in b)
  );
}

/** All keys of an instance of a class, the inherited ones too. */
function keysDeep(instance: object): Set<string | symbol> {
  requireSetMethods();
  const keys = new Set<string | symbol>();
  let level: object | null = instance;
  while (level && level !== Object.prototype && level !== Array.prototype) {
    for (const key of Reflect.ownKeys(level)) keys.add(key);
    level = Object.getPrototypeOf(level);
  }
  return keys;
}

/**
 * The real package compares sets and instances with `Set` methods that Node 20 lacks, and fails
 * there with a `TypeError`. A stand-in that passes would hide that until the real one is used.
 */
function requireSetMethods(): void {
  if (!("union" in Set.prototype)) {
    throw new TypeError(
      "Cannot compare sets or class instances in a runtime without Set methods: compare plain data",
    );
  }
}
