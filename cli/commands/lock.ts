// `tsbuild lock`

import { type LockResult, lockSources } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { json } from "../report/json-parts.js";
import { lockText } from "../report/lock.js";
import { buildInput } from "./build-input.js";
import { buildOptions } from "./build-options.js";

/** @throws what a build throws before a step runs */
export async function runLock({ flags, args }: Call, io: Io): Promise<number> {
  const dryRun = flags.bool("check");
  const input = await buildInput(args[0]!, flags.text("file"), io);
  const result = await lockSources({ ...buildOptions(flags, io), ...input, dryRun, signal: io.signal });
  io.stdout.write(flags.text("format") === "json" ? json(result) : lockText(result, dryRun));
  return dryRun && isOutOfDate(result) ? ExitCode.failed : ExitCode.success;
}

function isOutOfDate({ changes, exists }: LockResult): boolean {
  return changes.length > 0 || !exists;
}
