// Makes a directory of the host look like an entry of the image.

import { chmodSync, chownSync, utimesSync } from "node:fs";
import { type Entry, hostPath } from "../filesystem/index.js";
import { ownership } from "./ownership.js";

/** Gives a directory the owner, mode and time of an entry. Owner first: chown clears setuid and setgid (S-097). */
export function likeEntry(path: string, entry: Entry): void {
  const host = hostPath(path);
  if (ownership() !== "recorded") chownSync(host, entry.uid, entry.gid);
  chmodSync(host, entry.mode);
  const time = entry.mtime + entry.mtimeNs / 1e9;
  utimesSync(host, time, time);
}
