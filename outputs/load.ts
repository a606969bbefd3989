// Hands an image over to Docker or Podman: `docker load` reads the archive while it is made.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type ArchiveEntry, writeArchive } from "../archives/index.js";
import type { WorkReporter } from "../progress.js";
import { type EngineOptions, findEngine, lastOf, refused } from "./engine.js";

export interface LoadOptions extends EngineOptions {
  readonly report: WorkReporter;
}

/** @throws output_failed when there is no such program, or when it refuses */
export async function loadArchive(entries: AsyncIterable<ArchiveEntry>, options: LoadOptions): Promise<void> {
  const { report, signal } = options;
  const engine = await findEngine(options);
  const { program, args } = engine;
  const child = spawn(program, [...args, "load"], { stdio: ["pipe", "pipe", "pipe"], ...(signal && { signal }) });
  const ended = once(child, "close") as Promise<[code: number | null, signal: string | null]>;
  const complaints = lastOf(child.stderr);
  child.stdout.resume();
  const written = writeArchive(entries, child.stdin, signal).catch((error: Error) => error);
  const [code, killedBy] = await ended;
  const failure = await written;
  if (code !== 0) throw refused(engine, (await complaints) || `it ended with ${code ?? killedBy}`);
  if (failure) throw failure;
  report.status(`loading into ${program}`);
}
