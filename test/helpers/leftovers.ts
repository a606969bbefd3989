// What a build that ended must not leave: mounts, processes, temporary files, damaged blobs.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "./cli.js";
import { processesWith } from "./processes.js";

/** Everything that is left of finished builds in `workspace`; empty when all is clean. */
export function leftovers(workspace: Workspace): string[] {
  return [
    ...mountsBelow(workspace.path).map((path) => `mount ${path}`),
    ...processesWith(workspace.path).map((pid) => `process ${pid}`),
    ...list(join(workspace.path, "tmp")).map((name) => `temporary file ${name}`),
    ...list(join(workspace.home, "tmp")).map((name) => `scratch ${name}`),
    ...damagedBlobs(workspace.home),
  ];
}

/** Blobs of the store whose bytes are not what their name says. */
export function damagedBlobs(home: string): string[] {
  const folder = join(home, "blobs/sha256");
  return list(folder)
    .filter(
      (name) =>
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex") !== name,
    )
    .map((name) => `damaged blob ${name}`);
}

function mountsBelow(path: string): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  return mounts.map((line) => line.split(" ")[4]!).filter((target) => target.startsWith(`${path}/`));
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
