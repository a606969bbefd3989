// A runtime that follows the OCI runtime specification: crun, runc, or any other by its path.
// https://github.com/opencontainers/runtime-spec/blob/main/runtime.md

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { TsbuildError } from "../../../errors.js";
import { ownedName } from "../../cgroup/index.js";
import { passSignals } from "../command-signals.js";
import { enter } from "../enter.js";
import { exited, interrupted, killedBy } from "../exit-status.js";
import { type Privilege, readPrivilege } from "../privilege.js";
import type { ExitStatus, OverlayDirectories, SandboxOptions, SandboxRuntime, SandboxSpec } from "../runtime.js";
import { isAnotherUser } from "./config.js";
import { layOut, readResult, secretLines } from "./layout.js";
import { onTerminal, terminalEnvironment } from "../terminal.js";
import { firstError, runtimeError } from "./log.js";
import { mountCommands } from "./mounts.js";
import { SCRIPT, unshareArgs } from "./script.js";

export class OciRuntime implements SandboxRuntime {
  readonly name: string;
  readonly runsHooks = true;
  readonly #program: string;

  readonly #privilege: Privilege;

  /** @param program path of the runtime's binary */
  constructor(name: string, program: string, privilege: Privilege = readPrivilege()) {
    this.name = name;
    this.#program = program;
    this.#privilege = privilege;
  }

  async run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus> {
    if (options.signal?.aborted) throw interrupted();
    const refusal = this.#refusal();
    if (refusal !== undefined)
      throw new TsbuildError("sandbox_unavailable", refusal, { hint: "Use --oci-runtime=built-in." });
    const id = ownedName();
    layOut(spec, this.#privilege, id);
    const secrets = secretLines(spec, this.#privilege);
    let ending: number | undefined;
    try {
      const script = this.#start(spec, id, options);
      const maker = { pid: script.pid ?? 0, depth: 2, makers: [basename(this.#program)] };
      const end = (signal: number): void => {
        ending = signal;
        (script.stdio[3] as Duplex).destroy();
      };
      const passing = options.signals && passSignals(maker, options, end);
      await follow(script, secrets, options).finally(() => passing?.stop());
    } finally {
      this.#deleteLeftovers(spec, id);
    }
    if (options.signal?.aborted) throw interrupted();
    if (ending !== undefined) return killedBy(ending);
    const status = this.#outcome(spec);
    return spec.ownerNotes === undefined
      ? status
      : { ...status, unkeptOwners: "the built-in runtime alone keeps others" };
  }

  async probe(): Promise<string | undefined> {
    return this.#refusal() ?? this.#try("/", "true");
  }

  async probeOverlay(
    directories: OverlayDirectories,
    snapshotter: "overlay" | "fuse-overlayfs",
  ): Promise<string | undefined> {
    const { scratch } = directories;
    mkdirSync(join(scratch, "bundle/rootfs"), { recursive: true });
    const commands = mountCommands({ ...directories, snapshotter, confined: true, mounts: [] }, this.#privilege);
    return this.#refusal() ?? this.#try(scratch, commands);
  }

  #try(cwd: string, commands: string): string | undefined {
    const args = [...unshareArgs(this.#privilege), "sh", "-c", commands];
    const { status, stderr } = spawnSync("unshare", args, { cwd, env: ENVIRONMENT, encoding: "utf8" });
    return status === 0 ? undefined : onOneLine(stderr ?? "") || "unshare of util-linux cannot be started";
  }

  /** The script could map one id only, where files have many owners. */
  #refusal(): string | undefined {
    if (this.#privilege.kind !== "user" || !this.#privilege.maps) return undefined;
    return `${this.name} as root needs CAP_SYS_ADMIN, which this process does not have`;
  }

  #start(spec: SandboxSpec, id: string, { terminal, networkOf }: SandboxOptions): ChildProcess {
    const complaint = openSync(join(spec.scratch, "complaint"), "w");
    const words = ["sh", "-c", SCRIPT, "sh", id, this.#program, ...this.#flags(spec)];
    const args = enter(networkOf, ["unshare", ...unshareArgs(this.#privilege), ...words]);
    const env = { ...ENVIRONMENT, ...(this.#privilege.kind !== "root" && { USER_NAMESPACE: "1" }) };
    const place = { cwd: spec.scratch, complaint, env };
    try {
      return terminal ? startOnTerminal(args, place) : start(args, place);
    } finally {
      closeSync(complaint);
    }
  }

  #outcome(spec: SandboxSpec): ExitStatus {
    const message = firstError(readResult(spec, "log"));
    if (message !== undefined) throw this.#explain(message, spec);
    const status = readResult(spec, "status").trim();
    if (!/^\d+$/.test(status)) {
      const complaint = onOneLine(readResult(spec, "complaint")) || "its shell was killed";
      throw new TsbuildError("sandbox_failed", `cannot make a root for ${this.name}: ${complaint}`);
    }
    if (readResult(spec, "pid") === "") throw neverStarted(this.name, status);
    return exited(Number(status));
  }

  /** runc wants root in every user namespace, and there is one id only. */
  #explain(message: string, spec: SandboxSpec): TsbuildError {
    const failed = { command: spec.args[0] ?? "", env: spec.env };
    if (!isAnotherUser(spec, this.#privilege)) return runtimeError(this.name, message, failed);
    const hint = `Get subordinate ids (see tsbuild doctor), or run the step of user ${spec.uid} with --oci-runtime=built-in.`;
    return runtimeError(this.name, message, { ...failed, hint });
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

/** A runtime writes the file when it has made the container: without it, the exit code is not the command's. */
function neverStarted(name: string, status: string): TsbuildError {
  return new TsbuildError("sandbox_failed", `${name} ended with exit code ${status} before it started the step`, {
    hint: "Check that it is an OCI runtime that works on this machine, or choose another with --oci-runtime.",
  });
}

const onOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** crun does without a cgroup of its own, which not every machine allows to make; runc falls back by itself. */
const CRUN_FLAGS = ["--cgroup-manager=disabled"];

/** Of the caller's environment nothing is needed. mount(8) must use mount(2): fsconfig(2) takes options of 256 bytes at most. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LIBMOUNT_FORCE_MOUNT2: "always",
};

interface ScriptPlace {
  readonly cwd: string;
  /** An open file for what the script itself says. */
  readonly complaint: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Signals to the caller's process group are the caller's to act on: the script is in a session of its own. */
function start([program = "", ...args]: readonly string[], { cwd, complaint, env }: ScriptPlace): ChildProcess {
  return spawn(program, args, {
    cwd,
    stdio: ["ignore", "pipe", complaint, "pipe", "pipe", "pipe"],
    env,
    detached: true,
  });
}

function startOnTerminal(
  [command = "", ...words]: readonly string[],
  { cwd, complaint, env: own }: ScriptPlace,
): ChildProcess {
  const { program, args, isOwn } = onTerminal(command, words);
  const env = { ...own, ...(isOwn && terminalEnvironment()), TERMINAL: isOwn ? "own" : "given" };
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
