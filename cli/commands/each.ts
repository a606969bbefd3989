// Commands on several images: what fails for one does not keep the others from being done.

import { TsbuildError } from "../../index.js";
import { ExitCode, exitCodeOf } from "../exit-code.js";
import type { Io } from "../io.js";
import { describeError } from "../report/error.js";

export interface EachOptions {
  /** Failures of this kind are told, and are none. */
  readonly passes?: (error: TsbuildError) => boolean;
}

/** Runs `work` for each word in turn. @returns the exit code: of the last that failed */
export async function forEach(
  words: readonly string[],
  work: (word: string) => Promise<void>,
  { stderr }: Pick<Io, "stderr">,
  { passes = () => false }: EachOptions = {},
): Promise<number> {
  let code: number = ExitCode.success;
  for (const word of words) {
    try {
      await work(word);
    } catch (error) {
      if (!(error instanceof TsbuildError) || error.code === "usage") throw error;
      const { head, details } = describeError(error);
      stderr.write([head, ...details, ""].join("\n"));
      if (!passes(error)) code = exitCodeOf(error);
    }
  }
  return code;
}
