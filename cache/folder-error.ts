// Errors of a directory that a user named, in place of those of the store: the same failures, other ways out.

import { TsbuildError } from "../errors.js";

/** Makes an error fit those who read it. What it does not know it returns as it is. */
export type ExplainError = (error: unknown) => unknown;

/** output_failed, store_full or bad_manifest in place of what the store would say. */
export function folderError(error: unknown): unknown {
  if (!(error instanceof TsbuildError)) return error;
  const { message, cause } = error;
  switch (error.code) {
    case "store_unwritable":
      return new TsbuildError("output_failed", message, {
        cause,
        hint: "Make the directory writable, or name another one.",
      });
    case "store_full":
      return new TsbuildError("store_full", message, {
        cause,
        hint: "Free space on this filesystem, or name a directory on a larger one.",
      });
    case "store_corrupt":
      return new TsbuildError("bad_manifest", message, {
        cause,
        hint: "Name the directory of an OCI image layout, or remove this file.",
      });
    default:
      return error;
  }
}
