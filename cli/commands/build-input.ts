// What a build reads: the context that the command line names, and the Dockerfile when it is on stdin.

import type { BuildOptions } from "../../index.js";
import { usageError } from "../flags/usage-error.js";
import { type Io, readAll } from "../io.js";

/** `-` is stdin: an archive or a Dockerfile as the context, a Dockerfile as the file. @throws usage */
export async function buildInput(path: string, file: string | undefined, io: Pick<Io, "stdin">): Promise<BuildOptions> {
  if (path === "-" && file === "-")
    throw usageError("stdin cannot be both build context and Dockerfile", "Name a folder.");
  const context = path === "-" ? { stream: io.stdin } : path;
  if (file === undefined) return { context };
  return { context, dockerfile: file === "-" ? { content: (await readAll(io.stdin)).toString() } : file };
}
