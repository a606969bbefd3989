// Starts launchers, each for one step.

import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { TsbuildError } from "../../../errors.js";
import { enter } from "../enter.js";
import type { NetworkHolder, NetworkNamespace, SandboxOptions } from "../runtime.js";
import { onTerminal, terminalEnvironment } from "../terminal.js";
import { Conversation, type OnChild } from "./conversation.js";
import type { LauncherRecord } from "./record.js";

export interface LaunchOptions extends SandboxOptions {
  readonly onChild?: OnChild;
}

/** Runs one program. @throws sandbox_unavailable; as `converse` */
export function launch(path: string, program: Uint8Array, options: LaunchOptions): Promise<LauncherRecord | undefined> {
  return converse(startLauncher(path, options), program, options);
}

/**
 * Tells the launcher what is left to tell. Gives its last word: the first error, or how the command ended; undefined when it ended
 * without a word, as it does when it is killed. Nothing of the sandbox is left then.
 */
export async function converse(
  launcher: Conversation,
  program: Uint8Array,
  { onOutput, signal }: SandboxOptions,
): Promise<LauncherRecord | undefined> {
  launcher.onOutput(onOutput);
  const kill = (): void => launcher.kill();
  signal?.addEventListener("abort", kill, { once: true });
  try {
    launcher.tell(program);
    return await launcher.last;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

/** Signals to the caller's process group are the caller's to act on: the launcher is in a session of its own. */
export function startLauncher(path: string, options: Omit<LaunchOptions, "onOutput"> = {}): Conversation {
  const { terminal, networkOf } = options;
  const launcher = terminal ? startOnTerminal(path, networkOf) : start(path, networkOf);
  const [, stdout, stderr, control] = launcher.stdio as unknown as [null, Readable | null, Readable | null, Socket];
  return new Conversation({ control, stdout, stderr, pid: launcher.pid, gone: ended(launcher, path) }, options.onChild);
}

function start(path: string, network: NetworkHolder | NetworkNamespace | undefined): ChildProcess {
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

function startOnTerminal(path: string, network: NetworkHolder | NetworkNamespace | undefined): ChildProcess {
  const [command = "", ...words] = enter(network, [path]);
  const { program, args, isOwn } = onTerminal(command, words);
  return spawn(program, args, {
    stdio: [0, 1, 2, "pipe"],
    env: { ...(network && PROGRAMS), ...(isOwn && terminalEnvironment()) },
    cwd: "/",
    detached: !isOwn,
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
