// Finds and reads the Dockerfile (S-025, conventions of docker and podman).

import { readFileSync, realpathSync, statSync } from "node:fs";
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

/** A path, or the text itself. */
export type DockerfileGiven = string | { readonly content: string };

/** @param given a path is relative to the working directory */
export function readDockerfile(context: string, given?: DockerfileGiven): DockerfileSource {
  if (typeof given === "object") return { content: Buffer.from(given.content), path: "Dockerfile" };
  const file = given === undefined ? findDefault(context) : given;
  return { content: readBounded(file), path: displayPath(file), file };
}

/**
 * The Dockerfile of a context that came from elsewhere: nothing outside of it is read through its symlinks.
 * @param given a path is relative to the context; one that is not there may be a file of this machine
 * @param name of the context, for messages
 */
export function readForeignDockerfile(context: string, name: string, given?: DockerfileGiven): DockerfileSource {
  if (typeof given === "object" || (given !== undefined && isAbsolute(given))) return readDockerfile(context, given);
  const names = given === undefined ? DEFAULT_NAMES : [given];
  for (const path of names) {
    const file = fileInside(context, path);
    if (file) return { content: readBounded(file), path: path.replace(/^\.\//, "") };
  }
  if (given !== undefined && statSync(given, { throwIfNoEntry: false })?.isFile())
    return readDockerfile(context, given);
  throw new TsbuildError("dockerfile_not_found", `no ${names.join(", ")} in "${name}"`, {
    hint: "Name the file with -f: a path in the build context, or one of this machine.",
  });
}

/** Undefined when there is no such file, or when a symlink leads out. */
function fileInside(directory: string, path: string): string | undefined {
  const file = join(directory, path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  const real = realpathSync(file);
  return real.startsWith(`${realpathSync(directory)}/`) ? real : undefined;
}

/** @throws bad_value when there is more than a Dockerfile may have */
export async function readDockerfileText(content: AsyncIterable<Uint8Array>, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LIMIT)
      throw new TsbuildError(
        "bad_value",
        `${name} is no archive, and has more than the ${LIMIT} bytes that a Dockerfile may have`,
        { hint: "Give a Dockerfile, or a tar of the build context." },
      );
  }
  return Buffer.concat(chunks);
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
    throw new TsbuildError("dockerfile_not_found", `no Dockerfile "${path}"`, {
      hint: "Check the path given with -f: it is relative to the working directory.",
    });
  }
  if (stats.isDirectory())
    throw new TsbuildError("dockerfile_not_found", `expected a file, "${path}" is a directory`, {
      hint: `Write -f ${join(path, "Dockerfile")}.`,
    });
  if (stats.size > LIMIT)
    throw new TsbuildError("bad_value", `Dockerfile "${path}" has ${stats.size} bytes, expected at most ${LIMIT}`, {
      hint: "Check the path given with -f: a Dockerfile is a text.",
    });
  return readFileSync(path);
}

/** Relative when the file is below the working directory. */
function displayPath(path: string): string {
  if (!isAbsolute(path)) return path.replace(/^\.\//, "");
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") ? path : below;
}
