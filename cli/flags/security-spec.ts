// `--security-opt`: what of the confinement of steps is changed.
// https://docs.podman.io/en/latest/markdown/podman-build.1.html

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
  throw usageError(
    `--security-opt "${word}" is not supported by this version`,
    "Use no-new-privileges or seccomp=unconfined: steps have Docker's seccomp profile, and no label of AppArmor or SELinux.",
  );
}
