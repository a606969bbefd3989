// Compiles the sandbox launcher: node scripts/launcher.mjs [--if-possible] [--arch=x64|arm64] OUTDIR
// makes OUTDIR/linux-ARCH/tsbuild-launcher, static, so that it runs on any Linux of that architecture.
// With --if-possible a machine without a C compiler gets a note, and tsbuild uses crun or runc there.

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const DIRECTORY = join(import.meta.dirname, "../executor/sandbox/launcher");
const SOURCES = ["launcher.c", "program.c", "standby.c", "keeper.c", "owner-calls.c", "owner-records.c"].map((name) =>
  join(DIRECTORY, name),
);
const FLAGS = ["-static", "-O2", "-s", "-Wall", "-Wextra"];
const CROSS_COMPILERS = { arm64: ["aarch64-linux-gnu-gcc"], x64: ["x86_64-linux-gnu-gcc"] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "if-possible": { type: "boolean", default: false }, arch: { type: "string", default: process.arch } },
});
const [directory] = positionals;
if (!directory) {
  console.error("usage: node scripts/launcher.mjs [--if-possible] [--arch=x64|arm64] OUTDIR");
  process.exit(2);
}
if (!(values.arch in CROSS_COMPILERS)) {
  console.error(`there is no sandbox launcher for linux-${values.arch}: install an OCI runtime (apt-get install crun)`);
  process.exit(values["if-possible"] ? 0 : 1);
}

const output = join(directory, `linux-${values.arch}`, "tsbuild-launcher");
const failures = [];
if (process.platform === "linux" && compilers().some((compiler) => compile(compiler))) {
  console.log(`compiled ${output}`);
} else {
  const reason = failures.length > 0 ? failures.join("\n") : `no C compiler was found (tried ${tried().join(", ")})`;
  console.error(`the sandbox launcher for linux-${values.arch} was not compiled: ${reason}`);
  console.error(
    "Install a C compiler (apt-get install gcc libc6-dev), or an OCI runtime (apt-get install crun), which tsbuild uses instead.",
  );
  process.exit(values["if-possible"] ? 0 : 1);
}

function tried() {
  return ["$CC", ...compilers().filter((compiler) => compiler !== process.env.CC)];
}

function compilers() {
  const native = values.arch === process.arch ? ["cc", "gcc", "clang"] : [];
  return [process.env.CC, ...native, ...CROSS_COMPILERS[values.arch]].filter(Boolean);
}

/** Compiles to a temporary name first: a build that runs meanwhile never sees half a launcher. */
function compile(compiler) {
  const [program, ...words] = compiler.split(/\s+/);
  const temporary = `${output}.${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  const result = spawnSync(program, [...words, ...FLAGS, "-o", temporary, ...SOURCES], { encoding: "utf8" });
  if (result.error?.code === "ENOENT") return false;
  if (result.status !== 0) {
    failures.push(`${compiler}: ${result.stderr.trim() || result.error?.message}`);
    return false;
  }
  renameSync(temporary, output);
  return true;
}
