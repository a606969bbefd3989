// Paths inside an image: POSIX paths as text, nothing is looked up.

import { posix } from "node:path";

/** `path` below `base`, with "." and ".." resolved inside "/". No slash at the end, but for "/" itself. */
export function absolutePath(base: string, path: string): string {
  return posix.resolve("/", base, path);
}

/** Like `absolutePath`, but a slash at the end stays, and "." or "" is the directory `base` itself (S-076, S-079). */
export function destinationPath(base: string, path: string): string {
  const absolute = absolutePath(base, path);
  const directory = path === "" || path === "." || path.endsWith("/");
  return directory && absolute !== "/" ? `${absolute}/` : absolute;
}

/** The shortest equal path, with no slash at its end; "." for an empty one. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
