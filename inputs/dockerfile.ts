// Finds and reads the Dockerfile (S-025, conventions of docker and podman).

import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { TsbuildError } from "../errors.js";

/** Looked for in this order in the context. */
const DEFAULT_NAMES = ["Dockerfile", "dockerfile", "Containerfile"];

/** More than any honest Dockerfile has. */
const LIMIT = 16 << 20;

export interface DockerfileSource {
  readonly content: Uint8Array;
  /** As the user would write it, for messages. */
  readonly path: string;
  /** Where it is on this machine; absent when it was given as text. */
  readonly file?: string;
}

/** @param given a path (relative to the working directory), or the text itself */
export function readDockerfile(context: string, given?: string | { readonly content: string }): DockerfileSource {
  if (typeof given === "object") return { content: Buffer.from(given.content), path: "Dockerfile" };
  const file = given === undefined ? findDefault(context) : given;
  return { content: readBounded(file), path: displayPath(file), file };
}

function findDefault(context: string): string {
  for (const name of DEFAULT_NAMES) {
    const path = join(context, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  }
  throw new TsbuildError("dockerfile_not_found", `no ${DEFAULT_NAMES.join(", ")} in "${context}"`, {
    hint: "Name the file with -f, or give the directory that has it as the build context.",
  });
}

function readBounded(path: string): Uint8Array {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    throw new TsbuildError("dockerfile_not_found", `no Dockerfile "${path}"`, { hint: "Check the path given with -f: it is relative to the working directory." });
  }
  if (stats.isDirectory()) throw new TsbuildError("dockerfile_not_found", `expected a file, "${path}" is a directory`, { hint: `Write -f ${join(path, "Dockerfile")}.` });
  if (stats.size > LIMIT) throw new TsbuildError("bad_value", `Dockerfile "${path}" has ${stats.size} bytes, expected at most ${LIMIT}`);
  return readFileSync(path);
}

/** Relative when the file is below the working directory. */
function displayPath(path: string): string {
  if (!isAbsolute(path)) return path.replace(/^\.\//, "");
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") ? path : below;
}
