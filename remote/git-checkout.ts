// Fetches one commit of a repository, and nothing of its history, into a directory.
// https://git-scm.com/docs/git-fetch

import { lstatSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import type { Git } from "./git-command.js";
import type { ResolvedRef } from "./git-refs.js";
import type { GitSource } from "./git-source.js";
import { redactUrl } from "./redact.js";
import { tidy } from "./tidy.js";

/**
 * Makes `directory` with the files of the commit: 0644 or 0755, without `.git` unless it is asked for.
 * @param scratch an empty directory on the same filesystem
 * @throws bad_git_source, unauthorized, source_unreachable, interrupted
 */
export async function checkOut(
  git: Git,
  source: GitSource,
  ref: ResolvedRef,
  places: { readonly scratch: string; readonly directory: string },
): Promise<void> {
  const work = join(places.scratch, "work");
  mkdirSync(work);
  await initialize(git, source, ref, work);
  await fetchCommit(git, source, ref, work);
  await git.run(work, "checkout", "--quiet", "--detach", ref.commit);
  if (source.submodules !== false) await updateSubmodules(git, work);
  const keepGitDir = (source.keepGitDir ?? false) && source.subdir === undefined;
  if (keepGitDir) await forget(git, work);
  const mtime =
    source.mtime === "checkout"
      ? Date.now() / 1000
      : Number(await git.run(work, "show", "--no-patch", "--format=%ct", ref.commit));
  const top = subdirectory(work, source);
  tidy(top, { keepGitDir, mtime: Math.floor(mtime) });
  renameSync(top, places.directory);
}

async function initialize(git: Git, source: GitSource, { commit }: ResolvedRef, work: string): Promise<void> {
  await git.run(work, "init", "--quiet", ...(commit.length === 64 ? ["--object-format=sha256"] : []));
  await git.run(work, "remote", "add", "origin", git.remote);
}

/**
 * The ref first, which every server gives; then the commit itself, in case the ref has moved on since it was resolved; at
 * last all of the history, for servers that give nothing by its hash.
 */
async function fetchCommit(git: Git, source: GitSource, ref: ResolvedRef, work: string): Promise<void> {
  const { commit } = ref;
  const shallow = [...(ref.name === undefined ? [] : [refspec(ref.name, source)]), commit].map((what) => [
    "--depth=1",
    "origin",
    what,
  ]);
  const tries = [...shallow, ["origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]];
  let refusal: TsbuildError | undefined;
  for (const args of tries) {
    const refused = await git.run(work, ...FETCH, ...args).then(() => undefined, withoutRefusal);
    if (await has(git, commit, work)) return;
    refusal ??= refused;
  }
  throw refusal ?? unknownCommit(source, commit);
}

const FETCH = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--force", "--update-head-ok"];

/** A kept `.git` knows the ref by its name. */
function refspec(name: string, { keepGitDir }: GitSource): string {
  return keepGitDir && name !== "HEAD" ? `${name}:${name}` : name;
}

/** A server may refuse what it was asked for; what else fails would fail again. */
function withoutRefusal(error: unknown): TsbuildError {
  if (error instanceof TsbuildError && error.code === "bad_git_source") return error;
  throw error;
}

async function has(git: Git, commit: string, work: string): Promise<boolean> {
  return git.run(work, "cat-file", "-e", `${commit}^{commit}`).then(
    () => true,
    (error: unknown) => {
      withoutRefusal(error);
      return false;
    },
  );
}

/** Some servers give no commit that is not at the tip of a branch, unless all of the history is fetched. */
async function updateSubmodules(git: Git, work: string): Promise<void> {
  const update = (...flags: readonly string[]) =>
    git.run(work, "submodule", "--quiet", "update", "--init", "--recursive", "--no-recommend-shallow", ...flags);
  const refusal = await update("--depth=1").then(() => undefined, withoutRefusal);
  if (refusal) await update();
}

/** What `.git` knows of this machine and this moment. */
async function forget(git: Git, work: string): Promise<void> {
  await git.run(work, "reflog", "expire", "--all", "--expire=now");
}

/** @throws bad_git_source unless every name on the way is a directory: a symlink could lead anywhere */
function subdirectory(work: string, { remote, subdir }: GitSource): string {
  let path = work;
  for (const name of subdir?.split("/") ?? []) {
    path = join(path, name);
    if (name !== ".git" && lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new TsbuildError("bad_git_source", `"${redactUrl(remote)}" has no directory "${subdir}"`, {
      hint: "Check the directory, and the branch or tag.",
    });
  }
  return path;
}

function unknownCommit({ remote }: GitSource, commit: string): TsbuildError {
  return new TsbuildError("bad_git_source", `"${redactUrl(remote)}" has no commit ${commit}`, {
    hint: "Check the commit, and that it is on a branch of this repository.",
  });
}
