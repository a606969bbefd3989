// How fast layers are compressed, in MB of input a second of one processor, against pigz and igzip (Debian: pigz, isal).

import { spawnSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { numbers, text } from "./generate.mjs";
import { time } from "./measure.mjs";

const SIZE = 256 << 20;
const PROGRAMS = [
  ["pigz -4", ["pigz", "-4", "-n", "-c"]],
  ["pigz -1", ["pigz", "-1", "-n", "-c"]],
  ["igzip -1", ["igzip", "-1", "-c"]],
];

/** Lines such as `compression  tsbuild  49 MB/s per core  31.2 %`. A program that is missing is left out. */
export async function compression(scratch) {
  const input = join(scratch, "input");
  writeInput(input);
  const own = await bundle(scratch);
  const commands = [["tsbuild", [process.execPath, own]], ...PROGRAMS.filter(([, [program]]) => isThere(program))];
  return commands.map(([name, command]) => {
    const { wall, cpu } = time(["bash", "-c", '"$@" <"$0" >"$0.out"', input, ...command]);
    const share = (100 * statSync(`${input}.out`).size) / SIZE;
    const rate = (seconds) => `${(SIZE / 1e6 / seconds).toFixed(0)} MB/s`;
    return `compression  ${name.padEnd(9)} ${rate(cpu)} per core, ${rate(wall)} in all, to ${share.toFixed(1)} %`;
  });
}

/** Half text and half random bytes in pieces of 64 KiB: libraries, and what is packed already. */
function writeInput(path) {
  const next = numbers(7);
  const source = text(8 << 20, next);
  const bytes = Buffer.allocUnsafe(SIZE);
  for (let at = 0; at < SIZE; at += 1 << 16) {
    const start = next() % (source.length - (1 << 16));
    source.copy(bytes, at, start, start + (1 << 16));
    if (next() % 4 === 0) for (let i = 0; i < 1 << 16; i += 4) bytes.writeUInt32LE(next(), at + i);
  }
  writeFileSync(path, bytes);
}

/** A program that compresses its input as layers are. */
async function bundle(scratch) {
  const outfile = join(scratch, "compress.cjs");
  const code = `import { gzip } from "./oci/index.js"; import { pipeline } from "node:stream/promises";
    pipeline(process.stdin, gzip, process.stdout);`;
  const root = join(import.meta.dirname, "..");
  const stdin = { contents: code, resolveDir: root };
  await build({ stdin, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  return outfile;
}

function isThere(program) {
  return spawnSync("which", [program]).status === 0;
}
