// `tsbuild doctor`: what this machine gives to steps, and the change that would give more.

import { examineMachine } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { storeOptions } from "./store-options.js";

/** Fails when steps cannot be run at all. */
export async function runDoctor({ flags }: Call, { stdout }: Io): Promise<number> {
  const findings = await examineMachine(storeOptions(flags));
  for (const { subject, ok, state, reason } of findings)
    stdout.write(`${ok ? "ok  " : "no  "} ${subject.padEnd(10)} ${state}: ${reason}\n`);
  const hint = findings.find((finding) => !finding.ok)?.hint;
  if (hint !== undefined) stdout.write(`hint: ${hint}\n`);
  return findings.some(({ subject, ok }) => !ok && (subject === "steps" || subject === "snapshots"))
    ? ExitCode.failed
    : ExitCode.success;
}
