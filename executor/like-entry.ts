// Makes a directory of the host look like an entry of the image.

import { type Entry, setAttributes } from "../filesystem/index.js";
import { ownership } from "./ownership.js";

/** Gives a directory the owner, mode, time and xattrs of an entry. */
export function likeEntry(path: string, entry: Entry): void {
  setAttributes(path, entry, { ownership: ownership() === "recorded" ? "record" : "set" });
}
