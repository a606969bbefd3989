// Options that the commands on the store share.

import type { RunSettings } from "../../index.js";
import { SNAPSHOTTERS } from "../../internal.js";
import type { FlagValues } from "../flags/flag-values.js";

/** Where the store is. */
export function storeOptions(flags: FlagValues): { readonly home?: string } {
  return given({ home: flags.text("home") });
}

/** `--snapshotter`, for commands that set nothing else of steps. */
export function snapshotterOf(flags: FlagValues): { readonly settings?: RunSettings } {
  const snapshotter = flags.word("snapshotter", SNAPSHOTTERS);
  return snapshotter === undefined ? {} : { settings: { snapshotter } };
}

/** The entries that have a value. */
export function given<Options extends object>(
  options: Options,
): { [Key in keyof Options]?: NonNullable<Options[Key]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Options]?: NonNullable<Options[Key]> };
}
