import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** overlayfs leaves directories that only root may enter, and that the caller could not remove. */
export function openDirectories(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) openDirectories(join(directory, entry.name));
  }
}
