// The files of an archive that was unpacked: an image layout in a directory.
// https://github.com/opencontainers/image-spec/blob/main/image-layout.md

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Members } from "./members.js";

/** Ordinary files only: a layout has no links. */
export async function directoryMembers(directory: string): Promise<Members> {
  const members = new Members(`"${directory}"`);
  const add = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (entry.isDirectory()) await add(name);
      if (!entry.isFile()) continue;
      const path = join(directory, name);
      members.add(name, { path, offset: 0, size: (await stat(path)).size });
    }
  };
  await add("");
  return members;
}
