// Makes dist/: the bundles of the command and of the library, their types, and the sandbox launcher.
// The launcher is made for the other architecture too, where a compiler for it is installed; with --all (npm prepack) it must be,
// since a package brings the launchers of both along and compiles nothing where it is installed.
// With --if-possible (npm prepare) whatever this machine cannot make is left out with a note: without a launcher, tsbuild uses crun or runc.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const ifPossible = process.argv.includes("--if-possible");
const all = process.argv.includes("--all");

/** The library is an ES module. Packages in it that call `require` at run time find it. */
const MODULE = {
  format: "esm",
  splitting: true,
  banner: {
    js: `import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);`,
  },
};

/**
 * The command is one script, since only scripts can be started from compiled code on every Node. What is imported lazily is only
 * evaluated then. Without comments it is read in half the time; names and lines stay, for those who read a stack.
 */
const SCRIPT = {
  format: "cjs",
  minifyWhitespace: true,
  lineLimit: 160,
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "$url" },
  banner: { js: `const $url = require("node:url").pathToFileURL(__filename).href;` },
};

/** Of machines that the package runs on, in Node's words. */
const ARCHITECTURES = ["x64", "arm64"];

const HASHED = /-[0-9A-Z]{8}\.c?js$/;
/** Files in dist/ that this script, or a run of the command, has made. */
const OWN = /\/dist\/(?:[^/]+|library\/[^/]+|chunks\/[^/]+)\.(?:c?js|compiled|tmp)$/;

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
    bundle: true,
    external: ["koffi"],
    legalComments: "none",
    minifySyntax: true,
    logLevel: "warning",
    write: false,
  };
  const library = await esbuild.build({
    ...shared,
    ...MODULE,
    entryPoints: ["index.ts"],
    chunkNames: "library/[name]-[hash]",
  });
  const command = await esbuild.build({
    ...shared,
    ...SCRIPT,
    entryPoints: { command: "cli/main.ts" },
    entryNames: "[name]-[hash]",
  });
  const [{ path, text }] = command.outputFiles;
  const define = { BUNDLE: JSON.stringify(basename(path)), ENCODING: JSON.stringify(encodingOf(text)) };
  const entry = await esbuild.build({
    ...shared,
    bundle: false,
    external: [],
    entryPoints: { cli: "cli/entry.cjs" },
    outExtension: SCRIPT.outExtension,
    target: "es2018",
    define,
  });
  replaceBundles([library, command, entry].flatMap(({ outputFiles }) => outputFiles));
}

/** Bytes that are all ASCII are text as they are, and V8 keeps such a text in half the memory. */
function encodingOf(text) {
  return /^[\0-\x7f]*$/.test(text) ? "latin1" : "utf8";
}

/** Chunks have their hash in their name, so an entry, written after them, always finds those that it was made with. */
function replaceBundles(files) {
  mkdirSync(join(dist, "library"), { recursive: true });
  for (const file of files.toSorted((a, b) => Number(HASHED.test(b.path)) - Number(HASHED.test(a.path)))) {
    writeFileSync(`${file.path}.tmp`, file.contents);
    renameSync(`${file.path}.tmp`, file.path);
  }
  const current = new Set(files.map(({ path }) => path));
  const present = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bundles = present.map((entry) => join(entry.parentPath, entry.name)).filter((path) => OWN.test(path));
  for (const path of bundles.filter((each) => !current.has(each))) rmSync(path);
}

/** Declarations for users of the library; none of a file that is gone. */
function types() {
  rmSync(join(dist, "types"), { recursive: true, force: true });
  run(join(root, "node_modules/.bin/tsc"), ["-p", "scripts/tsconfig.types.json"], "the type declarations");
}

function launcher() {
  const script = join(root, "scripts/launcher.mjs");
  if (!existsSync(script)) return;
  const words = [script, ...(ifPossible ? ["--if-possible"] : []), join(dist, "launcher")];
  run(process.execPath, words, "the sandbox launcher");
  for (const arch of ARCHITECTURES.filter((each) => each !== process.arch)) {
    if (all) run(process.execPath, [...words, `--arch=${arch}`], `the sandbox launcher for ${arch}`);
    else spawnSync(process.execPath, [...words, "--if-possible", `--arch=${arch}`], { cwd: root, stdio: "ignore" });
  }
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
