// Which commit a ref of a remote repository stands for.
// https://git-scm.com/docs/git-ls-remote

import { TsbuildError } from "../errors.js";
import type { Git } from "./git-command.js";
import type { GitSource } from "./git-source.js";
import { redactUrl } from "./redact.js";

export interface ResolvedRef {
  /** The whole hash. */
  readonly commit: string;
  /** What the remote calls it: `refs/heads/main`. Absent for a commit that was given by its hash. */
  readonly name?: string;
}

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Asks the remote, unless the ref is a commit's hash.
 * @param directory any directory that is no repository
 * @throws bad_git_source when there is no such ref, checksum_mismatch, and what `git.run` throws
 */
export async function resolveRef(git: Git, source: GitSource, directory: string): Promise<ResolvedRef> {
  const ref = source.ref ?? "HEAD";
  if (HASH.test(ref)) {
    checkChecksum(source, [ref]);
    return { commit: ref };
  }
  const listed = parseRefs(await git.run(directory, "ls-remote", "--", git.remote, ref, `${ref}^{}`));
  const name = candidates(ref).find((each) => listed.has(each));
  if (name === undefined) throw unknownRef(source);
  const peeled = listed.get(`${name}^{}`);
  const hash = listed.get(name)!;
  checkChecksum(source, peeled === undefined ? [hash] : [peeled, hash]);
  return { commit: peeled ?? hash, name };
}

/** A branch goes before a tag of the same name, as with git checkout. */
function candidates(ref: string): readonly string[] {
  return ref === "HEAD"
    ? ["HEAD"]
    : [ref.startsWith("refs/") ? ref : `refs/${ref}`, `refs/heads/${ref}`, `refs/tags/${ref}`];
}

function parseRefs(output: string): Map<string, string> {
  const lines = output.split("\n").map((line) => line.split("\t"));
  return new Map(
    lines.flatMap(([hash = "", name]) => (name !== undefined && HASH.test(hash) ? [[name, hash] as const] : [])),
  );
}

function checkChecksum(source: GitSource, found: readonly string[]): void {
  const { checksum } = source;
  if (checksum === undefined || found.some((hash) => hash.startsWith(checksum))) return;
  const message = `"${redactUrl(source.remote)}": expected ${source.ref ?? "HEAD"} to be commit ${checksum}, found ${found.join(", of the tag ")}`;
  throw new TsbuildError("checksum_mismatch", message, {
    hint: "Check what was changed in the repository, then update the checksum.",
  });
}

function unknownRef({ remote, ref }: GitSource): TsbuildError {
  if (ref === undefined)
    return new TsbuildError("bad_git_source", `"${redactUrl(remote)}" has no commit yet`, {
      hint: "Push a branch, or name one as URL#BRANCH.",
    });
  const hint = /^[0-9a-f]{4,39}$/.test(ref)
    ? "Give all 40 digits of the commit."
    : "Check the name of the branch or tag.";
  return new TsbuildError("bad_git_source", `"${redactUrl(remote)}" has no ref "${ref}"`, { hint });
}
