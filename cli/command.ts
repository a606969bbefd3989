// What a command is.

import type { FlagTable } from "./flags/flag.js";
import type { FlagValues } from "./flags/flag-values.js";
import type { Io } from "./io.js";

export interface Command {
  /** One word; more for a command of a group: `manifest create`. */
  readonly name: string;
  /** One line, lower case, no period. */
  readonly summary: string;
  /** What follows the name: `[OPTIONS] PATH`. */
  readonly usage: string;
  readonly flags: FlagTable;
  /** How many arguments it takes. */
  readonly args: readonly [least: number, most: number];
  /** False when flags end at the first argument. @default true */
  readonly interspersed?: boolean;
  /** True when arguments may look like flags: of the command's own, only --help and -h are read. @default false */
  readonly verbatim?: boolean;
  /** True when it runs steps or looks into layers, for which an ordinary user needs a user namespace. @default false */
  readonly needsNamespace?: boolean;
  /** True when it makes no store: one that --home names and that is not there is told. @default false */
  readonly expectsStore?: boolean;
  /** Command lines with what they do. */
  readonly examples?: readonly (readonly [line: string, effect: string])[];
  /** Loads the code of the command, and nothing of the others'. */
  readonly load: () => Promise<Run>;
}

/** Runs a command to its end and returns the exit code. A failure is thrown. */
export type Run = (call: Call, io: Io) => Promise<number>;

export interface Call {
  readonly flags: FlagValues;
  readonly args: readonly string[];
}
