// The runtime that needs no other program than the launcher.

import { getSystemErrorMap } from "node:util";
import { TsbuildError } from "../../../errors.js";
import { commandError } from "../command-error.js";
import { exited, interrupted, killedBy } from "../exit-status.js";
import { type Privilege, readPrivilege } from "../privilege.js";
import type { ExitStatus, SandboxOptions, SandboxRuntime, SandboxSpec } from "../runtime.js";
import { writeIdMaps } from "./id-maps.js";
import { launch } from "./launch.js";
import { type Operation, encodeProgram } from "./operation.js";
import type { LauncherRecord } from "./record.js";
import { sandboxProgram } from "./setup.js";
import { confinedFilter } from "../seccomp/index.js";

export class BuiltInRuntime implements SandboxRuntime {
  readonly name = "built-in";
  readonly #launcher: string;
  readonly #privilege: Privilege;

  /** @param launcher path of the launcher's binary */
  constructor(launcher: string, privilege: Privilege = readPrivilege()) {
    this.#launcher = launcher;
    this.#privilege = privilege;
  }

  async run(spec: SandboxSpec, options: SandboxOptions): Promise<ExitStatus> {
    if (options.signal?.aborted) throw interrupted();
    const privilege = this.#privilege;
    const operations = sandboxProgram(spec, { privilege, filter: spec.confined ? confinedFilter() : Buffer.alloc(0) });
    const onChild = (pid: number): Promise<void> => writeIdMaps(pid, privilege);
    const last = await launch(this.#launcher, encodeProgram(operations), { ...options, onChild });
    if (options.signal?.aborted) throw interrupted();
    return outcome(last, operations, spec);
  }
}

function outcome(record: LauncherRecord | undefined, operations: readonly Operation[], spec: SandboxSpec): ExitStatus {
  if (!record) throw new TsbuildError("sandbox_failed", "the launcher ended without saying how the command ended");
  if (record.kind === "exit") return exited(record.number);
  if (record.kind === "signal") return killedBy(record.number);
  const failed = operations[record.index];
  const [errno, text] = getSystemErrorMap().get(-record.number) ?? [`errno ${record.number}`, `error ${record.number}`];
  if (failed?.words[0] === "exec") throw commandError(errno, { command: spec.args[0]!, env: spec.env });
  throw new TsbuildError("sandbox_failed", `cannot ${failed?.purpose ?? "run the launcher's program"}: ${text}`);
}
