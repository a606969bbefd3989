// `tsbuild run`: a command of an image, in the sandbox that builds use.

import { readFileSync } from "node:fs";
import { runImage, type RunOptions } from "../../index.js";
import type { Call } from "../command.js";
import type { FlagValues } from "../flags/flag-values.js";
import { parseMount, parseTmpfs, parseVolume } from "../flags/mount-spec.js";
import { parseNetwork } from "../flags/network-spec.js";
import { sandboxSettings } from "../flags/run-settings.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { passSignals } from "./pass-signals.js";
import { given, storeOptions } from "./store-options.js";

/** Returns the exit code of the command. */
export async function runRun({ flags, args: [image, ...args] }: Call, io: Io): Promise<number> {
  const { env, stdout, stderr } = io;
  if (flags.boolIfGiven("rm") === false)
    throw usageError("--rm=false: what a run changes is always removed", "Write to a --volume what should stay.");
  const isTerminal = flags.bool("tty");
  if (isTerminal) checkTerminal(io);
  const entrypoint = flags.text("entrypoint");
  const passed = passSignals(io);
  const running = runImage(image!, {
    ...storeOptions(flags),
    ...given({
      user: flags.text("user"),
      cwd: flags.text("workdir"),
      ociRuntime: flags.text("oci-runtime"),
      network: parseNetwork(flags.text("network")).network,
      platform: flags.text("platform"),
    }),
    env: [...flags.list("env-file").flatMap((path) => variablesOf(path, env)), ...variables(flags.list("env"), env)],
    mounts: mountsOf(flags),
    settings: { ...sandboxSettings(flags), ...given({ hostname: flags.text("hostname") }) },
    readonlyRoot: flags.bool("read-only"),
    terminal: isTerminal || flags.bool("interactive"),
    ...(args.length > 0 && { args }),
    ...(entrypoint !== undefined && { entrypoint: entrypoint === "" ? [] : [entrypoint] }),
    onOutput: (stream, data) => void (stream === 1 ? stdout : stderr).write(data),
    signal: passed.signal,
    signals: passed.signals,
  });
  return running.catch((error: unknown) => passed.code() ?? Promise.reject(error)).finally(passed.stop);
}

/** Looks at stdin only when it has to: one that this process has opened would not wait in the command. @throws usage */
function checkTerminal(io: Io): void {
  if (io.stdin.isTTY) return;
  throw usageError("--tty: the standard input is not a terminal", "Leave --tty out.");
}

/** @throws usage */
function mountsOf(flags: FlagValues): NonNullable<RunOptions["mounts"]> {
  const given = [...flags.list("volume").map(parseVolume), ...flags.list("mount").map(parseMount)];
  const mounts = [...flags.list("tmpfs").map(parseTmpfs), ...given];
  return mounts.map((mount) => {
    if (mount.type === "host" || mount.type === "tmpfs") return mount;
    throw usageError(`--mount type=${mount.type} is for builds`, "Use type=bind or type=tmpfs.");
  });
}

function variables(words: readonly string[], env: Io["env"]): string[] {
  return words.flatMap((word) => variable(word, "--env", env));
}

/** Lines `NAME=VALUE` or `NAME`; empty ones and those that begin with "#" are left out. @throws usage */
function variablesOf(path: string, env: Io["env"]): string[] {
  const lines = readText(path)
    .split(/\r?\n/)
    .map((line) => line.trimStart());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).flatMap((line) => variable(line, path, env));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageError(`--env-file "${path}": ${(error as NodeJS.ErrnoException).code}`, "Give a file that may be read.");
  }
}

/** `NAME` alone takes the value from the environment, and is left out when it is not there. */
function variable(word: string, place: string, env: Io["env"]): string[] {
  const [name, given] = splitAssignment(word);
  if (name === "") throw usageError(`${place} "${word}": the name is missing`);
  const value = given ?? env[name];
  return value === undefined ? [] : [`${name}=${value}`];
}
