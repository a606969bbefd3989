// `tsbuild completion SHELL`

import type { Call } from "../command.js";
import { completionScript, SHELLS } from "../completion.js";
import { ExitCode } from "../exit-code.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";

/** @throws usage */
export async function runCompletion({ args }: Call, { stdout }: Io): Promise<number> {
  const shell = SHELLS.find((name) => name === args[0]);
  if (shell === undefined) throw usageError(`no completion for "${args[0]}"`, `Choose one of ${SHELLS.join(", ")}.`);
  stdout.write(completionScript(shell));
  return ExitCode.success;
}
