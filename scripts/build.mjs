// Makes dist/: the bundles of the command and of the library, their types, and the sandbox launcher.
// With --if-possible (npm prepare) whatever this machine cannot make is left out with a note: a package that is
// installed without devDependencies brings its dist/ along, and without a C compiler tsbuild uses crun or runc.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { throughBarrels } from "./barrels.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const ifPossible = process.argv.includes("--if-possible");

/** Packages that call `require` at run time find it here; ES modules have none. */
const REQUIRE = `import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);`;

const esbuild = await import("esbuild").catch(absent);
if (esbuild === undefined) {
  console.log("tsbuild: esbuild is not installed, dist/ is left as it is");
} else {
  await bundle();
  types();
  launcher();
}

async function bundle() {
  const shared = {
    absWorkingDir: root,
    outdir: dist,
    platform: "node",
    target: "node20.19",
    format: "esm",
    legalComments: "none",
    minifySyntax: true,
    logLevel: "warning",
    write: false,
  };
  const bundled = { ...shared, bundle: true, splitting: true, external: ["koffi"], banner: { js: REQUIRE } };
  const results = [
    // Two bundles: the library as an entry would join what the command loads in pieces.
    await esbuild.build({ ...bundled, entryPoints: { index: "index.ts" }, chunkNames: "library/[name]-[hash]" }),
    await esbuild.build({ ...bundled, entryPoints: { "chunks/main": "cli/main.ts" }, chunkNames: "chunks/[name]-[hash]", plugins: [throughBarrels] }),
    // The entry checks Node's version, so it must parse everywhere and import nothing by itself.
    await esbuild.build({ ...shared, entryPoints: { cli: "cli/entry.js" }, target: "es2020" }),
  ];
  replaceBundles(results.flatMap(({ outputFiles }) => outputFiles));
}

/** Chunks have their hash in their name, so the entries, written after them, always find the ones that they were made with. */
function replaceBundles(files) {
  const isEntry = ({ path }) => !/-[0-9A-Z]{8}\.js$/.test(path);
  for (const folder of ["chunks", "library"]) mkdirSync(join(dist, folder), { recursive: true });
  for (const file of [...files.filter((each) => !isEntry(each)), ...files.filter(isEntry)]) {
    writeFileSync(`${file.path}.tmp`, file.contents);
    renameSync(`${file.path}.tmp`, file.path);
  }
  const current = new Set(files.map(({ path }) => path));
  for (const folder of ["chunks", "library"]) {
    const paths = readdirSync(join(dist, folder)).map((name) => join(dist, folder, name));
    for (const path of paths.filter((each) => !current.has(each))) rmSync(path);
  }
}

/** Declarations for users of the library. */
function types() {
  run(join(root, "node_modules/.bin/tsc"), ["-p", "scripts/tsconfig.types.json"], "the type declarations");
}

function launcher() {
  const script = join(root, "scripts/launcher.mjs");
  if (existsSync(script)) run(process.execPath, [script, ...(ifPossible ? ["--if-possible"] : []), join(dist, "launcher")], "the sandbox launcher");
}

function run(command, args, what) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status === 0) return;
  console.error(`tsbuild: ${what} could not be made`);
  if (!ifPossible) process.exit(1);
}

function absent(error) {
  if (ifPossible && error.code === "ERR_MODULE_NOT_FOUND") return undefined;
  throw error;
}
