// Failures of the host's filesystem, as users meet them.

import { TsbuildError } from "../errors.js";

const FULL = ["ENOSPC", "EDQUOT"];
const REFUSED = ["EACCES", "EPERM", "EROFS"];

/**
 * The error to throw when `action` ("write the layer") failed: full and read-only disks and paths that are too long are
 * told, the rest stays as it is.
 */
export function writeError(error: unknown, action: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (FULL.includes(code)) {
    return new TsbuildError("store_full", `there is no space left to ${action}`, {
      cause: error,
      hint: "Free space on this filesystem, or set TSBUILD_HOME to a directory on a larger one.",
    });
  }
  if (REFUSED.includes(code)) {
    const hint = "Check the owner and the mode of the store, and whether its filesystem is mounted read-only.";
    return new TsbuildError("store_unwritable", `the system refused to ${action}: ${code}`, { cause: error, hint });
  }
  if (code === "ENAMETOOLONG")
    return new TsbuildError("unsupported", `a path is too long for the system to ${action}`, { cause: error });
  return error;
}
