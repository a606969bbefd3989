// `tsbuild parse`: the syntax tree of a Dockerfile as JSON.

import { readFile } from "node:fs/promises";
import { parseDockerfileToJson, TsbuildError } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import { type Io, readAll } from "../io.js";

/** @throws DockerfileError with all that is wrong; dockerfile_not_found */
export async function runParse({ args }: Call, io: Io): Promise<number> {
  const path = args[0]!;
  const bytes = path === "-" ? await readAll(io.stdin) : await readFile(path).catch((cause) => notFound(path, cause));
  io.stdout.write(`${JSON.stringify(parseDockerfileToJson(bytes, path), null, 2)}\n`);
  return ExitCode.success;
}

function notFound(path: string, cause: NodeJS.ErrnoException): never {
  const hint = "Give the path of a Dockerfile, or - for stdin.";
  throw new TsbuildError("dockerfile_not_found", `cannot read "${path}": ${cause.code}`, { hint, cause });
}
