/**
 * The folders of the library and their layers: a module may import from lower layers only.
 * `scripts/check_layers.ts` holds the sources to it.
 *
 * @module
 */

/** Layer of each folder of the library; the protocol engines inside `http` and `websocket` are 1. */
export const FOLDER_LAYERS = {
  _core: 0,
  _io: 1,
  _runtime: 2,
  tcp: 3,
  udp: 3,
  tls: 4,
  http: 5,
  websocket: 6,
} as const satisfies Record<string, number>;

/** The packages that a folder's own code may use: what others keep well is not ours to write. */
export const FOLDER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  tls: ["@peculiar/x509"],
};

/** Layer of the protocol engines, the folders named `_engine`. */
export const ENGINE_LAYER = 1;

/** Layer of `mod.ts` at the root. */
export const ROOT_LAYER = 7;

/** Fakes and contract suites: tests import them, and nothing else does. */
export const TESTING_FOLDER = "_testing";

/** The folders whose tests run in Node too. */
export const TESTED_FOLDERS: readonly string[] = [...Object.keys(FOLDER_LAYERS), TESTING_FOLDER];
