// Starts the launcher and follows it to its end.

import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { TsbuildError } from "../../../errors.js";
import { enter } from "../enter.js";
import type { NetworkHolder, SandboxOptions } from "../runtime.js";
import { onTerminal, terminalEnvironment } from "../terminal.js";
import type { Launchers, ReadyLauncher } from "./launchers.js";
import { type LauncherRecord, RecordReader } from "./record.js";

export interface LaunchOptions extends SandboxOptions {
  /** Called when the child waits in `sync`: writes its identity maps. The child goes on when the promise is fulfilled. */
  readonly onChild?: (pid: number) => Promise<void>;
  /** Launchers that are started ahead of time. @default none */
  readonly launchers?: Launchers;
}

/**
 * The launcher's last word: the first error, or how the command ended. Undefined when it ended without a word, as it does
 * when it is killed. The promise settles when nothing of the sandbox is left.
 */
export async function launch(
  path: string,
  program: Uint8Array,
  options: LaunchOptions,
): Promise<LauncherRecord | undefined> {
  const { control, stdout, stderr, ended } = readyLauncher(path, options);
  stdout?.on("data", (data: Uint8Array) => options.onOutput(1, data));
  stderr?.on("data", (data: Uint8Array) => options.onOutput(2, data));
  const kill = (): void => void control.destroy();
  options.signal?.addEventListener("abort", kill, { once: true });
  try {
    const last = converse(control, options);
    control.write(program);
    options.launchers?.prepare();
    await ended;
    return await last;
  } finally {
    options.signal?.removeEventListener("abort", kill);
  }
}

function readyLauncher(path: string, { terminal, networkOf, launchers }: LaunchOptions): ReadyLauncher {
  const ready = terminal || networkOf ? undefined : launchers?.take();
  if (ready) return ready;
  const launcher = terminal ? startOnTerminal(path, networkOf) : start(path, networkOf);
  const [, stdout, stderr, control] = launcher.stdio as unknown as [null, Readable | null, Readable | null, Socket];
  return { control, stdout, stderr, ended: ended(launcher, path) };
}

/** Signals to the caller's process group are the caller's to act on: the launcher is in a session of its own. */
function start(path: string, network: NetworkHolder | undefined): ChildProcess {
  const [program = "", ...args] = enter(network, [path]);
  return spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: network ? PROGRAMS : {},
    cwd: "/",
    detached: true,
  });
}

/** Where nsenter is; the command gets nothing of the launcher's environment. */
const PROGRAMS = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

function startOnTerminal(path: string, network: NetworkHolder | undefined): ChildProcess {
  const [command = "", ...words] = enter(network, [path]);
  const { program, args, isOwn } = onTerminal(command, words);
  return spawn(program, args, {
    stdio: [0, 1, 2, "pipe"],
    env: { ...(network && PROGRAMS), ...(isOwn && terminalEnvironment()) },
    cwd: "/",
    detached: !isOwn,
  });
}

/** Reads records to the end of the conversation, and answers the one that waits for an answer. */
function converse(control: Duplex, options: LaunchOptions): Promise<LauncherRecord | undefined> {
  return new Promise((resolve, reject) => {
    const reader = new RecordReader();
    let last: LauncherRecord | undefined;
    const answer = async (pid: number): Promise<void> => {
      await options.onChild?.(pid);
      control.write("\n");
    };
    const giveUp = (error: unknown): void => {
      reject(error);
      control.destroy();
    };
    control.on("data", (data: Uint8Array) => {
      for (const record of reader.read(data)) {
        if (record.kind === "child") answer(record.number).catch(giveUp);
        else last ??= record;
      }
    });
    control.on("error", () => {}); // the launcher ended early: its exit tells
    control.on("close", () => resolve(last));
  });
}

function ended(launcher: ChildProcess, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    launcher.on("error", (cause) =>
      reject(new TsbuildError("sandbox_unavailable", `cannot start ${path}: ${cause.message}`, { cause })),
    );
    launcher.on("close", () => resolve());
  });
}
