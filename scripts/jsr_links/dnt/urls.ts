/** The `file:` URL of an absolute path. */
export function toFileUrl(path: string): string {
  return new URL(`file://${encodeURI(path)}`).href;
}

/** The path of a `file:` URL. */
export function fromFileUrl(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}
