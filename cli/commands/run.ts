// `tsbuild run`: a command of an image, in the sandbox that builds use.

import { type NetworkMode, runImage } from "../../index.js";
import type { Call } from "../command.js";
import { usageError } from "../flags/usage-error.js";
import { splitAssignment } from "../flags/values.js";
import type { Io } from "../io.js";
import { given, snapshotterOf, storeOptions } from "./store-options.js";

/** Returns the exit code of the command. */
export async function runRun(
  { flags, args: [image, ...args] }: Call,
  { env, stdout, stderr, signal }: Io,
): Promise<number> {
  const entrypoint = flags.text("entrypoint");
  const network = flags.text("network") as NetworkMode | undefined;
  return runImage(image!, {
    ...storeOptions(flags),
    env: flags.list("env").flatMap((word) => variable(word, env)),
    ...given({ user: flags.text("user"), cwd: flags.text("workdir"), ociRuntime: flags.text("oci-runtime"), network }),
    ...snapshotterOf(flags),
    ...(args.length > 0 && { args }),
    ...(entrypoint !== undefined && { entrypoint: entrypoint === "" ? [] : [entrypoint] }),
    onOutput: (stream, data) => void (stream === 1 ? stdout : stderr).write(data),
    signal,
  });
}

/** `NAME` alone takes the value from the environment, and is left out when it is not there. */
function variable(word: string, env: Io["env"]): string[] {
  const [name, given] = splitAssignment(word);
  if (name === "") throw usageError(`--env "${word}": the name is missing`);
  const value = given ?? env[name];
  return value === undefined ? [] : [`${name}=${value}`];
}
