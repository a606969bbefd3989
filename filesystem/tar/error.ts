// Failures of archives that come from outside.

import { TsbuildError } from "../../errors.js";

const HINT = "Make the archive again, or check it with `tar tvf`.";

/** @param cause is what went wrong below, when something did. */
export function badArchive(message: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_archive", message, { hint: HINT, cause });
}
