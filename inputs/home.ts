// Where the store is, when nobody says.

import { homedir } from "node:os";
import { join } from "node:path";

/** $TSBUILD_HOME, else /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild. */
export function defaultHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env["TSBUILD_HOME"]) return env["TSBUILD_HOME"];
  if (process.getuid?.() === 0) return "/var/lib/tsbuild";
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "tsbuild");
}
