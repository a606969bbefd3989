// Small files that a user named, replaced whole or not at all.

import { access, chmod, chown, realpath, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TsbuildError } from "../errors.js";
import { errorCode, isReplaceable } from "./files.js";
import { stageFile } from "./staged-file.js";

/** Writes a file in a folder that is there; links, devices and pipes, such as /dev/stdout, are written through. @throws output_failed */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    if (isReplaceable(path)) await replace(path, (staged) => writeFile(staged, text));
    else await writeFile(path, text);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Writes a file that is there anew: it keeps its mode and its owner, and stays a link when it is one. @throws output_failed */
export async function rewriteFile(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path);
    await replace(target, (staged) => writeLike(staged, text, target));
  } catch (cause) {
    throw cannotWrite(path, cause, "Check that you own the file and may write its folder.");
  }
}

/** @param hint for the user; by default to choose another path */
export function cannotWrite(
  path: string,
  cause: unknown,
  hint = "Choose a path in a folder that exists and may be written.",
): TsbuildError {
  return new TsbuildError("output_failed", `cannot write "${path}": ${errorCode(cause) ?? String(cause)}`, {
    hint,
    cause,
  });
}

async function replace(path: string, write: (staged: string) => Promise<void>): Promise<void> {
  await access(dirname(path));
  const staged = stageFile(path);
  try {
    await write(staged.path);
    staged.commit();
  } finally {
    staged.end();
  }
}

/** Nobody else reads it before it has the mode of `model`. */
async function writeLike(path: string, text: string, model: string): Promise<void> {
  await chmod(path, 0o600);
  await writeFile(path, text);
  const { mode, uid, gid } = await stat(model);
  const own = await stat(path);
  if (uid !== own.uid || gid !== own.gid) await chown(path, uid, gid);
  await chmod(path, mode & 0o7777);
}
