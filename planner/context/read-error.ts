// What is done about files of a context that cannot be read: those that vanish are absent, all others fail the build.

import { TsbuildError } from "../../errors.js";

const GONE = ["ENOENT", "ENOTDIR"];

/** What `read` gives, or undefined when the file is gone. @throws bad_context with the path, when it cannot be read. */
export function ifPresent<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return undefinedIfGone(path, error);
  }
}

/** For `catch`: undefined when the file is gone. @throws bad_context with the path for any other error of a system call. */
export function undefinedIfGone(path: string, error: unknown): undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  if (!GONE.includes(code)) throw unreadable(path, code, error);
}

function unreadable(path: string, code: string, cause: unknown): TsbuildError {
  const hint = "Make it readable for you, or exclude it in .dockerignore.";
  return new TsbuildError("bad_context", `cannot read "${path || "."}" of the build context: ${code}`, { hint, cause });
}
