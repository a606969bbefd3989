// `mode=delete`: takes out of a directory what the image does not have.

import { lstatSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { resolve, sep } from "node:path";
import { TsbuildError } from "../../errors.js";
import { decodeName, type Entry, hostPath, joinPath, removeTree } from "../../filesystem/index.js";

export function removeOthers(entries: readonly Entry[], dest: string): void {
  const kept = new Set(entries.map(({ path }) => path));
  const clear = (directory: string): void => {
    for (const name of readdirSync(hostPath(`${dest}/${directory}`), { encoding: "buffer" })) {
      const path = joinPath(directory, decodeName(name));
      if (!kept.has(path)) removeTree(`${dest}/${path}`);
      else if (lstatSync(hostPath(`${dest}/${path}`)).isDirectory()) clear(path);
    }
  };
  clear("");
}

/** Refuses directories whose other files nobody means to lose. @throws usage */
export function refuseToEmpty(dest: string): void {
  const place = resolve(dest);
  const isAbove = (path: string) => path === place || path.startsWith(place === sep ? sep : place + sep);
  if (![process.cwd(), homedir()].some(isAbove)) return;
  throw new TsbuildError("usage", `mode=delete would empty "${place}", which holds the working or the home directory`, {
    hint: "Name a directory that holds the output only.",
  });
}
