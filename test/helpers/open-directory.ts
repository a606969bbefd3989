// Places that everybody can get to, for tests of ordinary users.

import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

/** For temporary files: that of the system, unless others than its owner are kept out. */
export function openDirectory(): string {
  const found = [tmpdir(), "/tmp", "/var/tmp"].find((path) => isOpen(path));
  if (found === undefined) throw new Error("expected a directory for temporary files that everybody can enter");
  return found;
}

/** Whether everybody gets there. */
export function isOpen(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return path === "/" || isOpen(dirname(path));
}
