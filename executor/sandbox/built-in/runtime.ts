// The runtime that needs no other program than the launcher.

import { constants } from "node:os";
import { basename } from "node:path";
import { getSystemErrorMap } from "node:util";
import { TsbuildError } from "../../../errors.js";
import { commandError } from "../command-error.js";
import { passSignals } from "../command-signals.js";
import { exited, interrupted, killedBy } from "../exit-status.js";
import { type Privilege, readPrivilege } from "../privilege.js";
import type { ExitStatus, OverlayDirectories, SandboxOptions, SandboxRuntime, SandboxSpec } from "../runtime.js";
import { writeIdMaps } from "./id-maps.js";
import type { Conversation } from "./conversation.js";
import { converse, launch, startLauncher } from "./launch.js";
import { Launchers } from "./launchers.js";
import { type Operation, encodeProgram } from "./operation.js";
import type { LauncherRecord } from "./record.js";
import { type FirstProgram, overlayProgram, probeProgram, sandboxProgram } from "./setup.js";
import { stepFilter } from "../seccomp/index.js";

export class BuiltInRuntime implements SandboxRuntime {
  readonly name = "built-in";
  readonly runsHooks = false;
  readonly #launcher: string;
  readonly #launchers: Launchers;
  readonly #privilege: Privilege;

  /** @param launcher path of the launcher's binary */
  constructor(launcher: string, privilege: Privilege = readPrivilege()) {
    this.#launcher = launcher;
    this.#launchers = new Launchers(launcher, (pid) => writeIdMaps(pid, privilege));
    this.#privilege = privilege;
  }

  async probe(): Promise<string | undefined> {
    return this.#try(probeProgram(this.#privilege));
  }

  async probeOverlay(
    directories: OverlayDirectories,
    snapshotter: "overlay" | "fuse-overlayfs",
  ): Promise<string | undefined> {
    return this.#try(overlayProgram(this.#privilege, directories, snapshotter));
  }

  async #try(operations: readonly Operation[]): Promise<string | undefined> {
    const said: Uint8Array[] = [];
    const ignored = {
      onOutput: (_: 1 | 2, data: Uint8Array) => void said.push(data),
      onChild: (pid: number) => writeIdMaps(pid, this.#privilege),
    };
    try {
      const last = await launch(this.#launcher, encodeProgram(operations), ignored);
      if (last?.kind === "error" && last.index === operations.length) return undefined; // it did all, and found no `exec`
      const words = Buffer.concat(said).toString().replace(/\s+/g, " ").trim();
      return `${last?.kind === "error" ? describe(last, operations) : NO_ANSWER}${words && `: ${words}`}`;
    } catch (error) {
      return error instanceof TsbuildError ? error.message : Promise.reject(error);
    }
  }

  async run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus> {
    if (options.signal?.aborted) throw interrupted();
    const { first, rest, isFirstAlike } = sandboxProgram(spec, {
      privilege: this.#privilege,
      terminal: options.terminal ?? false,
      filter: stepFilter(spec),
    });
    const program = encodeProgram(rest);
    const launcher = this.#launcherFor(first, options);
    let ending: number | undefined;
    const maker = { pid: launcher.pid ?? 0, depth: 1, makers: [basename(this.#launcher)] };
    const passing = options.signals && passSignals(maker, options, (signal) => ((ending = signal), launcher.kill()));
    const ended = converse(launcher, program, options).finally(() => passing?.stop());
    this.#launchers.prepare(isFirstAlike && !options.networkOf ? first : undefined);
    const last = await ended;
    if (options.signal?.aborted) throw interrupted();
    if (ending !== undefined) return killedBy(ending);
    const status = outcome(last, [...first.operations, ...rest], spec);
    const { unkept } = launcher;
    return unkept === undefined ? status : { ...status, unkeptOwners: `seccomp: ${systemError(unkept)[1]}` };
  }

  /** One that makes the sandbox, or has made it. */
  #launcherFor(program: FirstProgram, { terminal = false, networkOf, signals }: SandboxOptions): Conversation {
    if (!terminal && !networkOf && !signals) return this.#launchers.take(program);
    const onChild = (pid: number): Promise<void> => writeIdMaps(pid, this.#privilege);
    const launcher = startLauncher(this.#launcher, { terminal, networkOf, onChild });
    launcher.tell(program.encoded, program.asks);
    return launcher;
  }

  rest(): Promise<void> {
    return this.#launchers.rest();
  }
}

const NO_ANSWER = "the launcher ended without saying how the command ended";

function outcome(record: LauncherRecord | undefined, operations: readonly Operation[], spec: SandboxSpec): ExitStatus {
  if (!record) throw new TsbuildError("sandbox_failed", NO_ANSWER);
  if (record.kind === "exit") return exited(record.number);
  if (record.kind === "signal") return killedBy(record.number);
  if (operations[record.index]?.words[0] !== "exec")
    throw new TsbuildError("sandbox_failed", describe(record, operations));
  throw commandError(systemError(record.number)[0], { command: spec.args[0] ?? "", env: spec.env });
}

function describe({ number, index }: LauncherRecord, operations: readonly Operation[]): string {
  return `cannot ${operations[index]?.purpose ?? "read the launcher's program"}: ${systemError(number)[1]}`;
}

/** Name and text of an errno. Node knows the texts of those only that its own calls give. */
function systemError(errno: number): [name: string, text: string] {
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return [name, getSystemErrorMap().get(-errno)?.[1] ?? name];
}
