import type { BuildOptions } from "./options.ts";
import { TEST_SHIM } from "./test_shims.ts";

/** The JavaScript file that a TypeScript file becomes. */
export function jsName(place: string): string {
  return place.replace(/\.ts$/, ".js");
}

/** The text of `package.json`. `places` are those of the entry points, the first one the main. */
export function packageJson(
  options: BuildOptions,
  places: string[],
  dependencies: Map<string, string>,
  testDependencies: Map<string, string>,
): string {
  const { package: given, entryPoints } = options;
  const files = places.map(jsName);
  const entries = entryPoints.map(({ name }, index) => [
    name,
    { import: `./esm/${files[index]}`, require: `./script/${files[index]}` },
  ]);
  const manifest = {
    main: `./script/${files[0]}`,
    module: `./esm/${files[0]}`,
    ...given,
    exports: { ...Object.fromEntries(entries), ...given.exports },
    scripts: { test: "node test_runner.js", ...given.scripts },
    dependencies: { ...Object.fromEntries(dependencies), ...given.dependencies },
    devDependencies: {
      "@types/node": "^20.9.0",
      [TEST_SHIM]: "~0.5.0",
      ...Object.fromEntries(testDependencies),
      ...given.devDependencies,
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The text of `.npmignore`: what only the tests need stays out of the package. */
export function npmIgnore(testPlaces: string[]): string {
  const built = testPlaces.flatMap((place) => {
    const stem = place.replace(/\.ts$/, "");
    return ["esm", "script"].flatMap((kind) => [`/${kind}/${stem}.js`, `/${kind}/${stem}.d.ts`]);
  });
  return ["/src/", ...built, "/test_runner.js", "yarn.lock", "pnpm-lock.yaml", ""].join("\n");
}
