// `tsbuild cache verify`: reads the whole store again, and drops what is not what it should be.

import { verifyCache } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { json } from "../report/json-parts.js";
import { storeOptions } from "./store-options.js";

/** @returns 1 when something was wrong, also when that is mended now */
export async function runVerify({ flags }: Call, { stdout, signal }: Io): Promise<number> {
  const repair = !flags.bool("dry-run");
  const verified = await verifyCache({ ...storeOptions(flags), repair, signal });
  const { findings, notes, checked } = verified;
  if (flags.text("format") === "json") stdout.write(json(verified));
  else {
    stdout.write(notes.map(({ name, message }) => `note: image ${name}: ${message}\n`).join(""));
    const what = `${checked.blobs} blobs, ${checked.layers} layers and ${checked.records} records`;
    const hasDropped = repair && findings.some(({ stays = false }) => !stays);
    const mended = hasDropped ? "; what is wrong was dropped, and is made again when it is needed" : "";
    stdout.write(findings.map(({ kind, name, message }) => `${kind} ${name}: ${message}\n`).join(""));
    stdout.write(`${what}: ${findings.length === 0 ? "all is well" : `${findings.length} wrong${mended}`}\n`);
  }
  return findings.length === 0 ? ExitCode.success : ExitCode.failed;
}
