// The sandbox launcher, compiled from its source for the tests.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openDirectory } from "./open-directory.js";

const root = join(import.meta.dirname, "../..");
const SOURCES = join(root, "executor/sandbox/launcher");

/** The path of the launcher; compiled at most once for each version of its source. */
export function testLauncher(): string {
  const sources = readdirSync(SOURCES).map((name) => readFileSync(join(SOURCES, name)));
  const directory = join(
    openDirectory(),
    `tsbuild-launcher-${createHash("sha256").update(Buffer.concat(sources)).digest("hex").slice(0, 16)}`,
  );
  const launcher = join(directory, `linux-${process.arch}`, "tsbuild-launcher");
  if (!existsSync(launcher))
    execFileSync(process.execPath, [join(root, "scripts/launcher.mjs"), directory], { stdio: "pipe" });
  return launcher;
}
