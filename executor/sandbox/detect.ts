// Which runtime runs the steps.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TsbuildError } from "../../errors.js";
import { BuiltInRuntime } from "./built-in/runtime.js";
import { findProgram, isExecutable, PROGRAM_PATH } from "./find-program.js";
import { OciRuntime } from "./oci/runtime.js";
import type { SandboxRuntime } from "./runtime.js";
import { WithHooks } from "./with-hooks.js";

export interface ChooseRuntimeOptions {
  /** `built-in`, or an OCI runtime by name or path (`--oci-runtime`). @default the first of built-in, crun, runc that is there; steps with hooks are an OCI runtime's */
  readonly requested?: string | undefined;
  /** The launcher's binary. @default the one of this package for this machine's architecture */
  readonly launcherPath?: string | undefined;
  /** Where programs are searched. @default PATH of the process, and where Debian has runc outside of a user's PATH */
  readonly path?: string | undefined;
}

/** @throws sandbox_unavailable when the requested runtime, or any, is not on this machine */
export async function chooseRuntime(options: ChooseRuntimeOptions = {}): Promise<SandboxRuntime> {
  const { requested, launcherPath = findLauncher(), path = PROGRAM_PATH } = options;
  if (requested === "built-in") return builtIn(launcherPath) ?? unavailable(NO_LAUNCHER);
  if (requested !== undefined)
    return ociRuntime(requested, path) ?? unavailable(`no OCI runtime "${requested}" was found`);
  const own = builtIn(launcherPath);
  const complaint = own ? await own.probe() : NO_LAUNCHER;
  const other = ociRuntime("crun", path) ?? ociRuntime("runc", path);
  if (own && complaint === undefined) return other ? new WithHooks(own, other) : own;
  return other ?? unavailable(`${complaint}, and neither crun nor runc was found`);
}

/** The launcher of this package, where it has one for this machine: `dist/launcher/linux-<arch>/tsbuild-launcher` beside its package.json. */
export function findLauncher(): string | undefined {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const launcher = root && join(root, "dist", "launcher", `linux-${process.arch}`, "tsbuild-launcher");
  return launcher && isExecutable(launcher) ? launcher : undefined;
}

/** No directory outside of the package is looked at: somebody else may write there. */
function packageRoot(directory: string): string | undefined {
  if (existsSync(join(directory, "package.json"))) return directory;
  return directory === dirname(directory) ? undefined : packageRoot(dirname(directory));
}

/** Names of those that are on this machine. */
export function findOciRuntimes(path = PROGRAM_PATH): string[] {
  return ["crun", "runc"].filter((name) => findProgram(name, path) !== undefined);
}

function builtIn(launcher: string | undefined): BuiltInRuntime | undefined {
  if (launcher === undefined || !isExecutable(launcher)) return undefined;
  return new BuiltInRuntime(launcher);
}

function ociRuntime(nameOrPath: string, path: string): SandboxRuntime | undefined {
  const program = nameOrPath.includes("/") ? nameOrPath : findProgram(nameOrPath, path);
  return program !== undefined && isExecutable(program) ? new OciRuntime(nameOrPath, program) : undefined;
}

const NO_LAUNCHER = `there is no sandbox launcher for linux-${process.arch}`;

function unavailable(message: string): never {
  const hint =
    "Install crun (apt-get install crun); in a checkout of tsbuild, install a C compiler and run npm run build instead.";
  throw new TsbuildError("sandbox_unavailable", message, { hint });
}
