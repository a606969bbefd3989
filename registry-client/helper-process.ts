// A credential helper as a process: what it is told, what it says, and how long it may take and how much it may say.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { Environment } from "../net/index.js";

export interface HelperProcess {
  readonly program: string;
  readonly action: "get" | "store" | "erase";
  readonly input: string;
  readonly environment: Environment;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface HelperOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A helper that gives no answer. The message says why, as in `HELPER gave no credentials: …`. */
export class NoAnswer extends Error {}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Bytes that it may say on each of its streams. */
const MOST = 1 << 20;
/** Milliseconds after its end in which the rest is read: what it left behind may hold the pipe for ever. */
const REST = 500;

/** @throws NoAnswer; the system's error when there is no such program */
export function runHelper({ program, action, input, environment, timeout }: HelperProcess): Promise<HelperOutput> {
  return new Promise((resolve, reject) => {
    const child: Child = spawn(program, [action], { env: environment, stdio: "pipe" });
    const giveUp = (reason: string) => {
      for (const pid of withDescendants(child.pid)) kill(pid);
      end(() => reject(new NoAnswer(reason)));
    };
    const tooMuch = () => giveUp(`it said more than ${MOST >> 20} MiB`);
    const [stdout, stderr] = [collect(child.stdout, tooMuch), collect(child.stderr, tooMuch)];
    const limit = setTimeout(() => giveUp(`no answer in ${timeout / 1000} s`), timeout);
    const end = (settle: () => void) => {
      clearTimeout(limit);
      settle();
      letGo(child);
    };
    const answer = (code: number | null, signal: NodeJS.Signals | null) =>
      signal ? giveUp(`ended by ${signal}`) : end(() => resolve({ code, stdout: stdout(), stderr: stderr() }));
    child.once("error", (error) => end(() => reject(error)));
    child.once("close", answer);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      setTimeout(() => answer(code, signal), REST).unref();
    });
    child.stdin.on("error", () => {}); // a helper that does not read its input says why in its answer
    child.stdin.end(input);
  });
}

/** A helper is often a script: what it waits for ends with it. */
function withDescendants(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}

/** None where the kernel does not say it. */
function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return list.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** @returns what came so far */
function collect(from: Readable, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  from.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST) tooMuch();
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** What an answer left behind, such as an agent, stays. */
function letGo(child: Child): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  child.unref();
}
