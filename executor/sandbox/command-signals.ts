// Signals from outside for the command of a sandbox, which is the first of its process namespace.
// man 7 pid_namespaces, man 5 proc_pid_status

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import type { SandboxOptions } from "./runtime.js";

export interface SandboxProcess {
  /** A process of this machine that the sandbox descends from. */
  readonly pid: number;
  /** How many process namespaces the command is below it, at least. */
  readonly depth: number;
  /** Programs that make the sandbox: what runs one of them is not the command yet. */
  readonly makers: readonly string[];
}

/** Those that end a process which does not say otherwise. */
const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/** Milliseconds between two looks for a command that has not started. */
const PATIENCE = 20;

/**
 * Passes signals on until `stop`. The kernel keeps from the first process of a namespace what it has no handler for: a signal that
 * would end any other process ends the command all the same, by `onEnd`, which is told its number.
 */
export function passSignals(
  process: SandboxProcess,
  { signals }: Pick<SandboxOptions, "signals">,
  onEnd: (signal: number) => void,
): { readonly stop: () => void } {
  const waiting = new Set<NodeJS.Timeout>();
  const deliver = (signal: NodeJS.Signals): void => {
    const command = commandOf(process);
    const number = constants.signals[signal];
    if (command === undefined) {
      const timer = setTimeout(() => (waiting.delete(timer), deliver(signal)), PATIENCE);
      waiting.add(timer);
    } else if (ENDING.includes(signal) && !minds(command, number)) onEnd(number);
    else send(command, signal);
  };
  const unsubscribe = signals?.(deliver);
  return {
    stop() {
      unsubscribe?.();
      for (const timer of waiting) clearTimeout(timer);
    },
  };
}

/** The nearest process that is the first of a namespace as deep as that; undefined when it has not started, or has ended. */
function commandOf({ pid, depth, makers }: SandboxProcess): number | undefined {
  const own = namespacePids(pid)?.length;
  if (own === undefined) return undefined;
  for (let level = childrenOf(pid); level.length > 0; level = level.flatMap(childrenOf)) {
    const found = level.find((one) => {
      const pids = namespacePids(one) ?? [];
      return pids.length >= own + depth && pids.at(-1) === 1 && !makers.includes(programOf(one));
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a process catches, blocks or ignores a signal. */
function minds(pid: number, signal: number): boolean {
  const masks = ["SigCgt", "SigBlk", "SigIgn"].map((name) => BigInt(`0x${statusField(pid, name) || "0"}`));
  return masks.some((mask) => ((mask >> BigInt(signal - 1)) & 1n) === 1n);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended meanwhile
  }
}

/** Each thread has its own: runc starts the command by another one than its first. */
function childrenOf(pid: number): number[] {
  const texts = threadsOf(pid).map((thread) => readProc(`/proc/${pid}/task/${thread}/children`) ?? "");
  return texts.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
}

function threadsOf(pid: number): string[] {
  return unlessEnded(() => readdirSync(`/proc/${pid}/task`)) ?? [];
}

/** Its number in each process namespace, this one's first. */
function namespacePids(pid: number): number[] | undefined {
  return statusField(pid, "NSpid")?.split(/\s+/).map(Number);
}

function statusField(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*?)\\s*$`, "m").exec(readProc(`/proc/${pid}/status`) ?? "")?.[1];
}

/** "" for a program that may not be looked at. */
function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "");
  } catch {
    return "";
  }
}

function readProc(path: string): string | undefined {
  return unlessEnded(() => readFileSync(path, "utf8"));
}

function unlessEnded<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
