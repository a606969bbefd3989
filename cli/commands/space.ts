// `tsbuild du`, `tsbuild prune`: what takes the space of the store, and less of it.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { measureStore, type PruneOptions, pruneStore } from "../../index.js";
import type { Call } from "../command.js";
import { ExitCode } from "../exit-code.js";
import type { FlagValues } from "../flags/flag-values.js";
import { parseBytes } from "../flags/quantities.js";
import { usageError } from "../flags/usage-error.js";
import type { Io } from "../io.js";
import { formatBytes } from "../progress/format.js";
import { json } from "../report/json-parts.js";
import { unitsTable, usageTable } from "../report/space.js";
import { storeOptions } from "./store-options.js";

/** @throws usage */
export async function runDu({ flags }: Call, { stdout }: Io): Promise<number> {
  const usage = await measureStore({ filters: flags.list("filter"), ...storeOptions(flags) });
  if (flags.text("format") === "json") stdout.write(json(usage));
  else stdout.write(`${flags.bool("verbose") ? `${unitsTable(usage.units)}\n` : ""}${usageTable(usage)}`);
  return ExitCode.success;
}

/** Asks first, whatever the input is. @returns 1 when the answer is not yes @throws usage, store_unwritable */
export async function runPrune({ flags }: Call, io: Io): Promise<number> {
  const options = { all: flags.bool("all"), filters: flags.list("filter"), ...limits(flags), ...storeOptions(flags) };
  if (!(await isMeant(flags, options, io))) return ExitCode.failed;
  const pruned = await pruneStore({ ...options, dryRun: flags.bool("dry-run") });
  if (flags.text("format") === "json") io.stdout.write(json(pruned));
  else {
    const what = flags.bool("dry-run") ? "Would reclaim" : "Total reclaimed space";
    const list = flags.bool("verbose") && pruned.units.length > 0 ? `${unitsTable(pruned.units)}\n` : "";
    io.stdout.write(`${list}${what}: ${formatBytes(pruned.bytes)}\n`);
  }
  return ExitCode.success;
}

function limits(flags: FlagValues): Pick<PruneOptions, "maxUsed" | "reserved" | "minFree"> {
  if (flags.text("keep-storage") !== undefined && flags.text("reserved-space") !== undefined)
    throw usageError("--keep-storage and --reserved-space are the same: give one of them");
  const [maxUsed, reserved, kept, minFree] = ["max-used-space", "reserved-space", "keep-storage", "min-free-space"].map(
    (name) => bytes(flags, name),
  );
  return {
    ...(maxUsed !== undefined && { maxUsed }),
    ...((reserved ?? kept) !== undefined && { reserved: (reserved ?? kept)! }),
    ...(minFree !== undefined && { minFree }),
  };
}

function bytes(flags: FlagValues, name: string): number | undefined {
  const text = flags.text(name);
  return text === undefined ? undefined : parseBytes(text, `--${name}`);
}

/** Only y and yes are; the end of the input is a no. */
async function isMeant(flags: FlagValues, options: PruneOptions, { stdin, stderr, signal }: Io): Promise<boolean> {
  if (flags.bool("force") || flags.bool("dry-run")) return true;
  const { bytes: size, units } = await pruneStore({ ...options, dryRun: true });
  stderr.write(`${units.length} things with ${formatBytes(size)} would be removed. Images stay. Continue? [y/N] `);
  const answer = await firstLine(stdin, signal);
  const isYes = /^y(?:es)?$/i.test(answer?.trim() ?? "");
  if (!isYes) stderr.write(`${answer === undefined ? "\n" : ""}nothing was removed: answer y, or give --force\n`);
  return isYes;
}

/** Undefined when the input ends without one. */
async function firstLine(input: Readable, signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input, signal });
  try {
    const { value } = (await lines[Symbol.asyncIterator]().next()) as IteratorResult<string, undefined>;
    signal.throwIfAborted();
    return value;
  } finally {
    lines.close();
  }
}
