// Small C programs of the tests, static, so that they run in any root filesystem.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** The path of the program; compiled at most once for each version of its source. */
export function compiled(source: string): string {
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const name = basename(source, ".c");
  const directory = join(tmpdir(), `tsbuild-${name}-${hash}`);
  const program = join(directory, name);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  execFileSync("cc", ["-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", `${program}.${process.pid}`, source]);
  renameSync(`${program}.${process.pid}`, program);
  return program;
}
