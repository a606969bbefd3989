// Commits of git repositories: each is checked out once and kept in the store; which commit it is, the remote is asked (S-197).

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, hexOf, sha256 } from "../oci/index.js";
import { checkOut, Git, type GitSource, redactUrl, resolveRef, type ResolvedRef } from "../remote/index.js";
import type { Store } from "../cache/index.js";
import { type AgentSocket, openAgent } from "../ssh-agent/index.js";
import { type FetchOptions, type FetchProgress, inScratch } from "./fetch.js";

export interface FetchedTree {
  /** Where the files are. Nobody writes there. */
  readonly directory: string;
  /** The whole hash. */
  readonly commit: string;
  /** True when nothing was fetched. */
  readonly cached: boolean;
}

/** @throws bad_git_source, unauthorized, checksum_mismatch, source_unreachable, interrupted */
export async function fetchGit(
  source: GitSource,
  { store, secrets, signal }: FetchOptions & FetchProgress,
): Promise<FetchedTree> {
  return inScratch(store, "git", async (scratch) => {
    const home = join(scratch, "home");
    mkdirSync(home);
    const agent = await reachAgent(scratch, secrets.agent("default"));
    try {
      const given = { ...(agent && { sshSocket: agent.shortPath }), ...(signal && { signal }) };
      return await fetchInto(scratch, source, new Git(source, { secret: secrets.value, home, ...given }), store);
    } finally {
      agent?.close();
    }
  });
}

/** A socket is ssh's to open, if it needs one at all. */
async function reachAgent(
  directory: string,
  sources: readonly string[] | undefined,
): Promise<Pick<AgentSocket, "shortPath" | "close"> | undefined> {
  const [first] = sources ?? [];
  if (first === undefined) return undefined;
  if (sources?.length === 1 && !statSync(first, { throwIfNoEntry: false })?.isFile())
    return { shortPath: first, close: () => {} };
  return openAgent(directory, "agent", sources!);
}

async function fetchInto(scratch: string, source: GitSource, git: Git, store: Store): Promise<FetchedTree> {
  const ref = await resolveRef(git, source, join(scratch, "home"));
  const key = treeKey(source, ref);
  const kept = store.source(key);
  if (kept !== undefined) return { directory: kept, commit: ref.commit, cached: true };
  const directory = join(scratch, "tree");
  await checkOut(git, source, ref, { scratch, directory });
  return { directory: store.adoptSource(directory, key), commit: ref.commit, cached: false };
}

/** All that the files depend on. `.git` knows the name of the ref too. */
function treeKey(
  { remote, subdir, keepGitDir = false, submodules = true, mtime = "commit" }: GitSource,
  { commit, name }: ResolvedRef,
): string {
  const inputs = {
    git: redactUrl(remote),
    commit,
    submodules,
    mtime,
    ...(subdir !== undefined && { subdir }),
    ...(keepGitDir && { keepGitDir, ...(name !== undefined && { name }) }),
  };
  return hexOf(sha256(canonicalJson(inputs)));
}
