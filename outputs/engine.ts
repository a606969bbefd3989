// Which program of this machine loads an image: docker, or podman where docker is not there or has no daemon.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { hasProgram } from "../oci/index.js";
import { loadsImage, type OutputSpec } from "./output.js";

export interface EngineOptions {
  /** A context of docker, by its name: the image then goes nowhere else. @default the current one */
  readonly context?: string;
  readonly signal?: AbortSignal;
}

export interface Engine {
  readonly program: string;
  /** Before the words of its command. */
  readonly args: readonly string[];
}

/** Before anything is built: whether there is a program for each output that loads its image. @throws output_failed */
export async function expectEngines(outputs: readonly OutputSpec[], signal?: AbortSignal): Promise<void> {
  for (const output of outputs.filter(loadsImage)) {
    const { context } = output;
    await findEngine({ ...(context !== undefined && { context }), ...(signal && { signal }) });
  }
}

/** @throws output_failed when there is none, and when docker alone is there and does not answer */
export async function findEngine(options: EngineOptions): Promise<Engine> {
  const { context } = options;
  const podman = context === undefined && hasProgram("podman");
  if (!hasProgram("docker")) return podman ? PODMAN : missing(context);
  const docker = { program: "docker", args: context === undefined ? [] : ["--context", context] };
  const complaints = await silence(docker, options.signal);
  if (complaints === undefined) return docker;
  if (podman) return PODMAN;
  throw refused(docker, complaints);
}

const PODMAN: Engine = { program: "podman", args: [] };

/** @param complaints all that it said */
export function refused({ program, args }: Engine, complaints: string): TsbuildError {
  const line = complaints.trim().split("\n").at(-1)!;
  return new TsbuildError("output_failed", `${program} load failed: ${line}`, {
    hint: `Look whether "${[program, ...args, "info"].join(" ")}" works, or write an archive: -o type=docker,dest=FILE.`,
  });
}

function missing(context: string | undefined): never {
  const found = context === undefined ? "neither docker nor podman, one of which loads" : "no docker, which loads";
  throw new TsbuildError("output_failed", `found ${found} the image`, {
    hint: "Install one, or write an archive: -o type=docker,dest=FILE.",
  });
}

/** What docker says when its daemon does not answer; undefined when it does. */
async function silence({ program, args }: Engine, signal?: AbortSignal): Promise<string | undefined> {
  const words = [...args, "version", "--format", "{{.Server.Version}}"];
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], ...(signal && { signal }) });
  const ended = once(child, "close") as Promise<[code: number | null]>;
  const complaints = await lastOf(child.stderr);
  const [code] = await ended;
  return code === 0 ? undefined : complaints || `it ended with ${code}`;
}

/** The end of a text, which is where a program says why it fails. */
export async function lastOf(stream: Readable): Promise<string> {
  let all = "";
  for await (const chunk of stream) all = (all + String(chunk)).slice(-8192);
  return all;
}
