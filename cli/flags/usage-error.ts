// A mistake on the command line: exit code 125.

import { TsbuildError } from "../../index.js";

export function usageError(message: string, hint?: string): TsbuildError {
  return new TsbuildError("usage", message, hint === undefined ? {} : { hint });
}
