// `tsbuild doctor`: what this machine gives to steps, and the change that would give more.

import { examineMachine, TsbuildError } from "../../index.js";
import { rerunInNamespace } from "../../internal.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { storeOptions } from "./store-options.js";

/** Fails when steps cannot be run at all. */
export async function runDoctor({ flags }: Call, { stdout, signals }: Io): Promise<number> {
  const entered = await enterNamespace(signals);
  if (typeof entered === "number") return entered;
  const findings = await examineMachine({ ...storeOptions(flags), ...entered });
  for (const { subject, ok, state, reason } of findings)
    stdout.write(`${ok ? "ok  " : "no  "} ${subject.padEnd(10)} ${state}: ${reason}\n`);
  const hint = findings.find((finding) => !finding.ok)?.hint;
  if (hint !== undefined) stdout.write(`hint: ${hint}\n`);
  return findings.some(({ subject, ok }) => !ok && subject === "steps") ? ExitCode.failed : ExitCode.success;
}

/** Other commands fail where the namespace is refused; this one tells of it. @returns the exit code, when it was entered */
async function enterNamespace(signals: Io["signals"]): Promise<number | { readonly refused?: string }> {
  try {
    return (await rerunInNamespace(signals)) ?? {};
  } catch (error) {
    if (error instanceof TsbuildError) return { refused: error.message };
    throw error;
  }
}
