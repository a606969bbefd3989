// The system calls that Node lacks, by way of koffi: an optional dependency, loaded when a call is first needed (8 ms).
// Where it cannot be loaded, `libc()` is undefined, and the callers run the tools of coreutils, util-linux and attr.
// https://koffi.dev

import { spawnSync, type StdioOptions } from "node:child_process";
import { createRequire } from "node:module";
import { getSystemErrorName } from "node:util";
import { TsbuildError } from "../errors.js";
import { encodeName, hostPath } from "./path-bytes.js";

export interface Libc {
  /** Calls a function of the C library. @throws an error with `code` (`ENOENT`) when it returns -1. */
  call(name: LibcFunction, path: string | undefined, ...rest: readonly unknown[]): number;
}

export type LibcFunction = keyof typeof SIGNATURES;

/** Paths and names are NUL-terminated bytes, because they need not be UTF-8. Only 64-bit machines are supported. */
const SIGNATURES = {
  llistxattr: "int64_t llistxattr(const uint8_t *path, void *list, uint64_t size)",
  lgetxattr: "int64_t lgetxattr(const uint8_t *path, const uint8_t *name, void *value, uint64_t size)",
  lsetxattr: "int lsetxattr(const uint8_t *path, const uint8_t *name, const void *value, uint64_t size, int flags)",
  mknod: "int mknod(const uint8_t *path, uint32_t mode, uint64_t device)",
  utimensat: "int utimensat(int directory, const uint8_t *path, const int64_t *times, int flags)",
  flock: "int flock(int fd, int operation)",
} as const;

const MACHINES_WITH_64_BITS = ["x64", "arm64", "riscv64", "loong64", "ppc64", "s390x"];

let loaded: Libc | undefined | false;

/** The C library, or undefined where koffi is missing. */
export function libc(): Libc | undefined {
  loaded ??= load() ?? false;
  return loaded === false ? undefined : loaded;
}

/** The bytes that C takes for a name. */
export function cString(text: string): Buffer {
  return encodeName(`${text}\0`);
}

/** The bytes that C takes for a path. To be used at once: see `hostPath`. */
export function cPath(path: string): Buffer {
  const known = hostPath(path);
  return typeof known === "string" ? Buffer.from(`${known}\0`) : Buffer.concat([known, Buffer.alloc(1)]);
}

/**
 * Runs a tool in place of a call. Returns its exit status when that is 0 or `expected`.
 * @throws sandbox_unavailable when neither koffi nor the tool can do it.
 */
export function runTool(tool: string, args: readonly string[], options: ToolOptions = {}): ToolResult {
  if (args.some((word) => hostPath(word) !== word)) throw callMissing(tool);
  const { error, status, stdout, stderr } = spawnSync(tool, args, {
    stdio: options.stdio ?? "pipe",
    maxBuffer: 2 ** 30,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") throw callMissing(tool);
  if (error) throw error;
  if (status === 0 || status === options.expected) return { status: status ?? 0, stdout };
  throw new Error(`${tool} ended with ${status}: ${stderr?.toString("utf8").trim() ?? ""}`);
}

export interface ToolOptions {
  readonly stdio?: StdioOptions;
  readonly expected?: number;
}

export interface ToolResult {
  readonly status: number;
  readonly stdout: Buffer;
}

function load(): Libc | undefined {
  if (!MACHINES_WITH_64_BITS.includes(process.arch)) return undefined;
  const koffi = requireKoffi();
  if (!koffi) return undefined;
  const library = koffi.load(null);
  const functions = new Map<LibcFunction, (...words: unknown[]) => unknown>();
  const bind = (name: LibcFunction) => {
    const bound = library.func(SIGNATURES[name]);
    functions.set(name, bound);
    return bound;
  };
  return {
    call(name, path, ...rest) {
      const result = Number((functions.get(name) ?? bind(name))(...rest));
      if (result !== -1) return result;
      throw systemError(name, path, koffi.errno());
    },
  };
}

function requireKoffi(): typeof import("koffi") | undefined {
  try {
    return createRequire(import.meta.url)("koffi");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing =
      code === "MODULE_NOT_FOUND" || code === "ERR_DLOPEN_FAILED" || message.startsWith("Cannot find the native Koffi");
    if (isMissing) return undefined;
    throw error;
  }
}

function systemError(name: string, path: string | undefined, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${name}${path === undefined ? "" : ` '${path}'`}`), {
    code,
    errno: -errno,
    syscall: name,
    path,
  });
}

function callMissing(tool: string): TsbuildError {
  const packages: Record<string, string> = { getfattr: "attr", setfattr: "attr", flock: "util-linux" };
  const hint = `Install the optional dependency koffi, or run \`apt-get install ${packages[tool] ?? "coreutils"}\`.`;
  return new TsbuildError("sandbox_unavailable", `this machine can neither load koffi nor use "${tool}" here`, {
    hint,
  });
}
