// Hands an image over to Docker or Podman: `docker load` reads the archive while it is made.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { type ArchiveEntry, writeArchive } from "../archives/index.js";
import { TsbuildError } from "../errors.js";
import { hasProgram } from "../oci/index.js";
import type { WorkReporter } from "../progress.js";

export interface LoadOptions {
  readonly report: WorkReporter;
  readonly signal?: AbortSignal;
}

/** The first of these that this machine has. */
const ENGINES = ["docker", "podman"];

/** @throws output_failed when there is no such program, or when it refuses */
export async function loadArchive(
  entries: AsyncIterable<ArchiveEntry>,
  { report, signal }: LoadOptions,
): Promise<void> {
  const engine = ENGINES.find(hasProgram);
  if (engine === undefined)
    throw new TsbuildError("output_failed", `found neither ${ENGINES.join(" nor ")}, one of which loads the image`, {
      hint: "Install one, or write an archive: -o type=docker,dest=FILE.",
    });
  report.status(`loading into ${engine}`);
  const child = spawn(engine, ["load"], { stdio: ["pipe", "pipe", "pipe"], ...(signal && { signal }) });
  const ended = once(child, "close") as Promise<[code: number | null, signal: string | null]>;
  const complaints = text(child.stderr);
  child.stdout.resume();
  const written = writeArchive(entries, child.stdin, signal).catch((error: Error) => error);
  const [code, killedBy] = await ended;
  const failure = await written;
  if (code !== 0) throw refused(engine, (await complaints) || `it ended with ${code ?? killedBy}`);
  if (failure) throw failure;
}

function refused(engine: string, complaints: string): TsbuildError {
  const line = complaints.trim().split("\n").at(-1)!;
  return new TsbuildError("output_failed", `${engine} load failed: ${line}`, {
    hint: `Look whether "${engine} info" works.`,
  });
}

async function text(stream: Readable): Promise<string> {
  let all = "";
  for await (const chunk of stream) all = (all + String(chunk)).slice(-8192);
  return all;
}
