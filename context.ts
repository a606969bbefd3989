// What a build would read of its context, and why.

import { lstat } from "node:fs/promises";
import { isAbsolute, posix, relative } from "node:path";
import { TsbuildError } from "./errors.js";
import { FileTree, hostPath } from "./filesystem/index.js";
import { directoryContext, readDockerfile } from "./inputs/index.js";
import {
  type ContextSummary,
  describeContext,
  describeIgnored,
  type DirectoryContext,
  explainMissing,
  type IgnoreLineSummary,
  IgnoreMatcher,
  type IgnoreRules,
  scanContext,
} from "./planner/index.js";

export interface ContextOptions {
  /** A directory of this machine. @default "." */
  readonly context?: string;
  /** The Dockerfile, whose own `.dockerignore` file comes first. @default Dockerfile, dockerfile or Containerfile in the context */
  readonly dockerfile?: string;
  readonly signal?: AbortSignal;
}

export interface ContextReport extends ContextSummary {
  readonly directory: string;
  /** The file that says what is left out. Absent when there is none. */
  readonly ignoreFile?: string;
  /** Each line of that file with what it decides. */
  readonly ignored: readonly IgnoreLineSummary[];
}

export interface PathReport {
  /** Relative to the context. */
  readonly path: string;
  readonly exists: boolean;
  /** Whether a build would read it, if it is there. */
  readonly sent: boolean;
  readonly ignoreFile?: string;
  /** The line that decides, and its pattern. Absent when none does. */
  readonly line?: number;
  readonly pattern?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/**
 * Lists what is sent, and counts what each line of the ignore file leaves out. Reads no file's content.
 * @throws context_not_found, bad_context, bad_pattern, dockerfile_not_found, interrupted
 */
export async function describeBuildContext(options: ContextOptions = {}): Promise<ContextReport> {
  const { directory, ignore } = openContext(options);
  const everything = await scan(directory, { patterns: [] }, options);
  const tree = ignore.patterns.length > 0 ? await scan(directory, ignore, options) : everything;
  return {
    directory,
    ...(ignore.file !== undefined && { ignoreFile: ignore.file }),
    ...describeContext(tree),
    ignored: describeIgnored(everything, ignore),
  };
}

/**
 * Says whether a path is sent, and which line decides it.
 * @param written is relative to the context, or absolute and inside of it
 * @throws context_not_found, bad_context, bad_pattern, dockerfile_not_found, interrupted
 */
export async function explainContextPath(written: string, options: ContextOptions = {}): Promise<PathReport> {
  const { directory, ignore } = openContext(options);
  const path = pathInside(written, directory);
  const matcher = new IgnoreMatcher(ignore);
  const { excluded, line, pattern } = path === "" ? { excluded: false } : matcher.decide(path);
  const stats = await lstat(hostPath(`${directory}/${path}`)).catch(() => undefined);
  const hint =
    stats && !excluded
      ? undefined
      : explainMissing(path, { directory, ignore: matcher, tree: await scan(directory, ignore, options) });
  return {
    path: path || ".",
    exists: stats !== undefined,
    sent: !excluded || (stats?.isDirectory() === true && !matcher.canPrune(path)),
    ...(ignore.file !== undefined && { ignoreFile: ignore.file }),
    ...(line !== undefined && pattern !== undefined && { line, pattern }),
    ...(hint !== undefined && { hint }),
  };
}

async function scan(directory: string, ignore: IgnoreRules, { signal }: ContextOptions): Promise<FileTree> {
  const options = { digestOf: () => undefined, ...(signal && { signal }) };
  return FileTree.of(await scanContext(directory, new IgnoreMatcher(ignore), options));
}

function openContext({ context = ".", dockerfile }: ContextOptions): DirectoryContext {
  return directoryContext(context, dockerfile === undefined ? defaultDockerfile(context) : dockerfile);
}

/** A context may be looked at before it has a Dockerfile. */
function defaultDockerfile(context: string): string | undefined {
  try {
    return readDockerfile(context).file;
  } catch (error) {
    if (error instanceof TsbuildError && error.code === "dockerfile_not_found") return undefined;
    throw error;
  }
}

function pathInside(written: string, directory: string): string {
  const below = isAbsolute(written) ? relative(directory, written) : written;
  const path = isAbsolute(written) && below.startsWith("..") ? written : below;
  return posix.normalize(`/${path}`).replace(/^\/|\/$/g, "");
}
