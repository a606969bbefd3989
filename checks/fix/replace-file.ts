// Writes a corrected file: whole or not at all.

import { chmod, chown, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { TsbuildError } from "../../errors.js";

/** Keeps the mode and the owner of the file, and the link when it is one. @throws output_failed */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const staged = `${target}.${process.pid}.tmp`;
  try {
    const { mode, uid, gid } = await stat(target);
    await writeFile(staged, text, { flag: "wx", mode: 0o600 });
    const { uid: ownUid, gid: ownGid } = await stat(staged);
    if (uid !== ownUid || gid !== ownGid) await chown(staged, uid, gid);
    await chmod(staged, mode & 0o7777);
    await rename(staged, target);
  } catch (cause) {
    await rm(staged, { force: true });
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TsbuildError("output_failed", `cannot write "${path}": ${reason}`, {
      hint: "Check that you own the file and may write its folder.",
      cause,
    });
  }
}
