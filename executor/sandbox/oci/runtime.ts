// A runtime that follows the OCI runtime specification: crun, runc, or any other by its path.
// https://github.com/opencontainers/runtime-spec/blob/main/runtime.md

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { TsbuildError } from "../../../errors.js";
import { ownedName } from "../../cgroup/index.js";
import { exited, interrupted } from "../exit-status.js";
import type { ExitStatus, SandboxOptions, SandboxRuntime, SandboxSpec } from "../runtime.js";
import { layOut, readResult, secretLines } from "./layout.js";
import { onTerminal, terminalEnvironment } from "../terminal.js";
import { firstError, runtimeError } from "./log.js";
import { SCRIPT, UNSHARE } from "./script.js";

export class OciRuntime implements SandboxRuntime {
  readonly name: string;
  readonly #program: string;

  /** @param program path of the runtime's binary */
  constructor(name: string, program: string) {
    this.name = name;
    this.#program = program;
  }

  async run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus> {
    if (options.signal?.aborted) throw interrupted();
    const id = ownedName();
    const overlay = layOut(spec, id);
    try {
      await follow(this.#start(spec, [id, overlay], options.terminal ?? false), secretLines(spec), options);
    } finally {
      this.#deleteLeftovers(spec, id);
    }
    if (options.signal?.aborted) throw interrupted();
    return this.#outcome(spec);
  }

  #start(spec: SandboxSpec, words: readonly string[], terminal: boolean): ChildProcess {
    const complaint = openSync(join(spec.scratch, "complaint"), "w");
    const args = [...UNSHARE, "sh", "-c", SCRIPT, "sh", ...words, this.#program, ...this.#flags(spec)];
    try {
      return terminal ? startOnTerminal(spec.scratch, args, complaint) : start(spec.scratch, args, complaint);
    } finally {
      closeSync(complaint);
    }
  }

  #outcome(spec: SandboxSpec): ExitStatus {
    const message = firstError(readResult(spec, "log"));
    if (message !== undefined) throw runtimeError(this.name, message, { command: spec.args[0] ?? "", env: spec.env });
    const status = readResult(spec, "status").trim();
    if (/^\d+$/.test(status)) return exited(Number(status));
    const complaint = readResult(spec, "complaint").replace(/\s+/g, " ").trim();
    throw new TsbuildError(
      "sandbox_failed",
      `cannot make a root for ${this.name}: ${complaint || "its shell was killed"}`,
    );
  }

  /** A runtime that was killed itself leaves its container's cgroup and state. */
  #deleteLeftovers(spec: SandboxSpec, id: string): void {
    const state = join(spec.scratch, "state");
    if (!existsSync(state) || readdirSync(state).length === 0) return;
    spawnSync(this.#program, [...this.#flags(spec), "delete", "--force", id], { stdio: "ignore", env: ENVIRONMENT });
  }

  #flags({ scratch }: SandboxSpec): string[] {
    const own = basename(this.#program).startsWith("crun") ? CRUN_FLAGS : [];
    return ["--root", join(scratch, "state"), "--log", join(scratch, "log"), "--log-format", "json", ...own];
  }
}

/** crun does without a cgroup of its own, which not every machine allows to make; runc falls back by itself. */
const CRUN_FLAGS = ["--cgroup-manager=disabled"];

/** Of the caller's environment nothing is needed. mount(8) must use mount(2): fsconfig(2) takes options of 256 bytes at most. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LIBMOUNT_FORCE_MOUNT2: "always",
};

/** Signals to the caller's process group are the caller's to act on: the script is in a session of its own. */
function start(cwd: string, args: readonly string[], complaint: number): ChildProcess {
  return spawn("unshare", args, {
    cwd,
    stdio: ["ignore", "pipe", complaint, "pipe", "pipe", "pipe"],
    env: ENVIRONMENT,
    detached: true,
  });
}

function startOnTerminal(cwd: string, words: readonly string[], complaint: number): ChildProcess {
  const { program, args, isOwn } = onTerminal("unshare", words);
  const env = { ...ENVIRONMENT, ...(isOwn && terminalEnvironment()), TERMINAL: isOwn ? "own" : "given" };
  return spawn(program, args, { cwd, stdio: [0, 1, complaint, "pipe", 2, "pipe"], env, detached: !isOwn });
}

function follow(script: ChildProcess, secrets: string, { onOutput, signal }: SandboxOptions): Promise<void> {
  const [, stdout, , control, stderr, values] = script.stdio as unknown as [
    null,
    Readable | null,
    null,
    Duplex,
    Readable | null,
    Duplex,
  ];
  stdout?.on("data", (data: Uint8Array) => onOutput(1, data));
  stderr?.on("data", (data: Uint8Array) => onOutput(2, data));
  for (const end of [control, values]) end.on("error", () => {}); // the script ended: its exit tells
  values.end(secrets);
  const kill = (): void => void control.destroy();
  signal?.addEventListener("abort", kill, { once: true });
  return new Promise<void>((resolve, reject) => {
    script.on("error", (cause) =>
      reject(
        new TsbuildError("sandbox_unavailable", `cannot start unshare: ${cause.message}`, {
          cause,
          hint: "Install util-linux.",
        }),
      ),
    );
    script.on("close", () => resolve());
  }).finally(() => signal?.removeEventListener("abort", kill));
}
