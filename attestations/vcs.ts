// The repository that a build context is a work tree of.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface WorkTree {
  /** The URL of its origin, without a password. */
  readonly source?: string;
  /** The commit; with `-dirty` when files differ from it. */
  readonly revision: string;
}

/** A repository may name programs for git to run: those of looking at files are switched off. */
const SAFE = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** Undefined outside of a repository, and without git. */
export async function workTreeOf(directory: string): Promise<WorkTree | undefined> {
  const revision = await git(directory, "rev-parse", "HEAD");
  if (revision === undefined) return undefined;
  const [status, url] = await Promise.all([
    git(directory, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules"),
    git(directory, "remote", "get-url", "origin"),
  ]);
  const dirty = status === undefined || status === "" ? "" : "-dirty";
  return { revision: `${revision}${dirty}`, ...(url && { source: url.replace(/^(\w+:\/\/)[^/@]*@/, "$1") }) };
}

async function git(directory: string, ...args: readonly string[]): Promise<string | undefined> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  try {
    const { stdout } = await promisify(execFile)("git", [...SAFE, "-C", directory, ...args], { env });
    return stdout.trim();
  } catch {
    return undefined; // no git, no repository, no such remote: there is nothing to tell
  }
}
