// Compiles the grammars in parser/grammar/*.ne to TypeScript. With --check it only compares, and fails when a file is not up to date.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const nearley = require("nearley");
const compile = require("nearley/lib/compile.js");
const generate = require("nearley/lib/generate.js");
const language = require("nearley/lib/nearley-language-bootstrapped.js");

const folder = fileURLToPath(new URL("../parser/grammar/", import.meta.url));
const check = process.argv.includes("--check");

const stale = readdirSync(folder).filter((name) => name.endsWith(".ne") && !isUpToDate(name));
if (stale.length > 0) {
  console.error(`not up to date: ${stale.join(", ")}; run npm run grammar`);
  process.exitCode = 1;
}

/** In check mode compares, else writes. */
function isUpToDate(name) {
  const source = readFileSync(folder + name, "utf8");
  const target = folder + name.replace(/\.ne$/, ".grammar.ts");
  const code = toTypeScript(name, source);
  if (check) return readFileSync(target, "utf8") === code;
  writeFileSync(target, code);
  return true;
}

function toTypeScript(name, source) {
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(language));
  parser.feed(`${source}\n`);
  const compiled = compile(parser.results[0], {});
  // The version in nearley's own head line would change without need.
  const code = generate(compiled, "grammar").replace(
    /^\/\/ Generated automatically by nearley.*\n(?:\/\/ http.*\n)?/,
    "",
  );
  return `// Generated from ${name} by npm run grammar; do not edit.\n\n${code}`;
}
