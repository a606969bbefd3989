// What a build would read of its context, and why.

import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, posix, relative } from "node:path";
import { TsbuildError } from "../errors.js";
import { FileTree, hostPath } from "../filesystem/index.js";
import { directoryContext, readDockerfile } from "../inputs/index.js";
import {
  type ContextSummary,
  describeContext,
  describeIgnored,
  type DirectoryContext,
  explainMissing,
  type IgnoreDecision,
  type IgnoreLineSummary,
  IgnoreMatcher,
  type IgnoreRules,
  scanContext,
  undefinedIfGone,
} from "../planner/index.js";

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
  /** Relative to the context, with links among its folders followed. */
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
  const path = await withoutLinks(pathInside(written, directory), directory);
  const matcher = new IgnoreMatcher(ignore);
  const stats = await lstat(hostPath(`${directory}/${path}`)).catch((error) => undefinedIfGone(path, error));
  const decided = path === "" ? { excluded: false } : matcher.decide(path);
  const tree = stats && !decided.excluded ? undefined : await scan(directory, ignore, options);
  // A folder that is excluded is sent all the same, as the way to what an exception keeps below it.
  const isWay = decided.excluded && tree?.get(path) !== undefined;
  const { excluded, line, pattern } = isWay ? keptBelow(path, tree, matcher) : decided;
  const hint = tree && !isWay ? explainMissing(path, { directory, ignore: matcher, tree }) : undefined;
  return {
    path: path || ".",
    exists: stats !== undefined,
    sent: isWay || !excluded,
    ...(ignore.file !== undefined && { ignoreFile: ignore.file }),
    ...(line !== undefined && pattern !== undefined && { line, pattern }),
    ...(hint !== undefined && { hint }),
  };
}

/** What decides on the first thing below a folder that is kept. */
function keptBelow(directory: string, tree: FileTree, matcher: IgnoreMatcher): IgnoreDecision {
  for (const { path } of tree.walk(directory)) {
    const decision = matcher.decide(path);
    if (!decision.excluded) return decision;
  }
  return { excluded: false };
}

/** What is sent of a path through linked folders is where they lead to. A link that leads out of the context stays one. */
async function withoutLinks(path: string, directory: string): Promise<string> {
  const [root, parent] = await Promise.all([realPath(".", directory), realPath(posix.dirname(path), directory)]);
  const isInside = root !== undefined && (parent === root || parent?.startsWith(`${root}/`));
  return path === "" || typeof hostPath(path) !== "string" || !isInside
    ? path
    : posix.join(relative(root, parent!), posix.basename(path));
}

/** Undefined for what is not there. @throws bad_context for what may not be looked at */
function realPath(path: string, directory: string): Promise<string | undefined> {
  return realpath(hostPath(`${directory}/${path}`)).catch((error) => undefinedIfGone(path, error));
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
