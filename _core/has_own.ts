/**
 * `Object.hasOwn` under another name. For that one dnt puts a polyfill into the npm package, whose
 * declarations tell the compiler of everyone who uses the package that all objects have it.
 */
export function hasOwn(object: object, key: PropertyKey): boolean {
  return Object.prototype.hasOwnProperty.call(object, key);
}
