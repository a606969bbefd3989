// `--security-opt`: what of the confinement of steps is changed.
// https://docs.podman.io/en/latest/markdown/podman-build.1.html

import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { RunSettings } from "../../index.js";
import { usageError } from "./usage-error.js";

type Security = Pick<RunSettings, "noNewPrivileges" | "seccomp">;

/** What tsbuild does anyway: it labels no step. */
const HARMLESS = ["label=disable", "apparmor=unconfined", "seccomp=builtin", "no-new-privileges=false"];

/** @throws usage */
export function parseSecurity(words: readonly string[]): Security {
  return Object.assign({}, ...words.map((word) => parseOne(word.replace(/^([a-z-]+):/, "$1=")))) as Security;
}

function parseOne(word: string): Security {
  if (word === "no-new-privileges" || word === "no-new-privileges=true") return { noNewPrivileges: true };
  if (word === "seccomp=unconfined") return { seccomp: "unconfined" };
  if (HARMLESS.includes(word)) return {};
  if (word.startsWith("seccomp=")) return { seccomp: { profile: existing(word) } };
  throw usageError(
    `--security-opt "${word}" is not supported by this version`,
    "Use no-new-privileges, seccomp=FILE or seccomp=unconfined: steps have no label of AppArmor or SELinux.",
  );
}

function existing(word: string): string {
  const path = resolve(word.slice("seccomp=".length));
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw usageError(
    `--security-opt "${word}": there is no such file`,
    "Name a profile in Docker's form, or unconfined.",
  );
}
