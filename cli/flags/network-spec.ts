// `--network MODE`: a mode, or a way to an isolated network, or a network namespace that is there already.
// https://docs.podman.io/en/latest/markdown/podman-build.1.html

import { existsSync } from "node:fs";
import type { NetworkMode, RunSettings } from "../../index.js";
import { usageError } from "./usage-error.js";

export interface Network {
  readonly network?: NetworkMode;
  readonly settings: Pick<RunSettings, "networkProgram" | "networkNamespace">;
}

const MODES: readonly NetworkMode[] = ["default", "none", "host", "isolated"];
const PROGRAMS = ["pasta", "slirp4netns"] as const;

/** @throws usage */
export function parseNetwork(text: string | undefined): Network {
  if (text === undefined) return { settings: {} };
  const mode = MODES.find((name) => name === text);
  if (mode !== undefined) return { network: mode, settings: {} };
  const program = PROGRAMS.find((name) => name === text);
  if (program !== undefined) return { network: "isolated", settings: { networkProgram: program } };
  if (text.startsWith("ns:")) return { network: "default", settings: { networkNamespace: existing(text) } };
  throw usageError(
    `invalid argument "${text}" for "--network" flag: expected one of ${[...MODES, ...PROGRAMS].join(", ")}, ns:PATH`,
    "For a network of another program, name its namespace: ns:/run/netns/NAME.",
  );
}

function existing(text: string): string {
  const path = text.slice("ns:".length);
  if (path.startsWith("/") && existsSync(path)) return path;
  throw usageError(`--network "${text}": expected the path of a network namespace`, "Look for it in /run/netns.");
}
