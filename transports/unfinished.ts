// What copies that were killed left in a directory that is copied to.

import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** As `stagedName` names the blobs of a layout. */
const STAGED = /^blob\.(\d+)-\w+-\d+\.tmp$/;
/** Milliseconds. Other machines, and other containers, may write into the directory too: theirs grow. */
const DEAD = 600_000;

/** Removes unfinished blobs whose process has ended, and that nobody has written to for ten minutes. */
export function removeUnfinished(directory: string, now = Date.now()): void {
  for (const name of readdirSync(directory)) {
    const pid = STAGED.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(directory, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - written > DEAD) rmSync(path, { force: true });
  }
}
