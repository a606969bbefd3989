// How a step ended.

import { constants } from "node:os";
import { TsbuildError } from "../../errors.js";
import type { ExitStatus } from "./runtime.js";

export const exited = (code: number): ExitStatus => ({ code });

export function killedBy(number: number): ExitStatus {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { code: 128 + number, signal: name ?? `SIG${number}` };
}

export const interrupted = (): TsbuildError => new TsbuildError("interrupted", "the step was interrupted");
