// The repository that a directory of this machine is a work tree of.

import { TsbuildError } from "../errors.js";
import { runGit } from "./run-git.js";

export interface WorkTree {
  /** The URL of its origin, without a password. */
  readonly source?: string;
  /** The commit; with `-dirty` when files differ from it. */
  readonly revision: string;
}

/** Undefined outside of a repository, and without git. */
export async function workTreeOf(directory: string): Promise<WorkTree | undefined> {
  const revision = await ask(directory, "rev-parse", "HEAD");
  if (revision === undefined) return undefined;
  const [status, url] = await Promise.all([
    ask(directory, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules"),
    ask(directory, "remote", "get-url", "origin"),
  ]);
  const dirty = status === undefined || status === "" ? "" : "-dirty";
  return { revision: `${revision}${dirty}`, ...(url && { source: url.replace(/^(\w+:\/\/)[^/@]*@/, "$1") }) };
}

/** The user's own configuration holds: it says which repositories are safe, and how files look when they are unchanged. */
async function ask(directory: string, ...args: readonly string[]): Promise<string | undefined> {
  const { PATH, HOME, XDG_CONFIG_HOME } = process.env;
  const env = { PATH, HOME, XDG_CONFIG_HOME, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  const outcome = await runGit(args, { cwd: directory, env }).catch(withoutGit);
  return outcome?.code === 0 ? outcome.stdout.trim() : undefined;
}

function withoutGit(error: unknown): undefined {
  if (error instanceof TsbuildError) return undefined;
  throw error;
}
