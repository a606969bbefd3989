// ADD of a URL or a git repository, and named contexts that are elsewhere: fetched, then read like a build context.

import { FileTree } from "../../filesystem/index.js";
import { type GitOp, type HttpOp, openContext } from "../../planner/index.js";
import { reporterOf } from "../../progress.js";
import type { ContextResult, Execution, FetchedFile } from "../context.js";
import type { SourceTree } from "../copy/source.js";
import { contextSource } from "./sources.js";

export interface Fetched {
  readonly result: ContextResult;
  /** True when nothing came over the network but the news that nothing changed. */
  readonly cached: boolean;
}

/** @throws bad_http_source, unauthorized, checksum_mismatch, source_unreachable, bad_archive, interrupted */
export async function fetchUrl(
  execution: Execution,
  { source, name, unpack }: HttpOp,
  vertex: string,
): Promise<Fetched> {
  const { fetch, signal, emit } = execution;
  const report = reporterOf(emit, vertex);
  const onProgress = (current: number, total = current) => report.transfer("downloading", current, total);
  const file = await fetch.http(source, { signal, onProgress });
  const directory = unpack ? await fetch.unpack(file, { signal }) : undefined;
  const open =
    directory === undefined ? async () => fileSource(name, file) : () => directorySource(execution, directory);
  return { result: { kind: "context", open: once(open), fetched: { digest: file.digest } }, cached: file.cached };
}

/** @throws bad_git_source, unauthorized, checksum_mismatch, source_unreachable, interrupted */
export async function fetchRepository(execution: Execution, { source }: GitOp): Promise<Fetched> {
  const { directory, commit, cached } = await execution.fetch.git(source, { signal: execution.signal });
  const open = once(() => directorySource(execution, directory));
  return { result: { kind: "context", open, fetched: { commit } }, cached };
}

/** One file, 0600 (S-110). */
function fileSource(name: string, { path, digest, size, mtime }: FetchedFile): SourceTree {
  const tree = FileTree.of([
    { path: name, type: "file", mode: 0o600, uid: 0, gid: 0, size, mtime, mtimeNs: 0, digest },
  ]);
  return {
    tree,
    hash: async (entries) => entries,
    contentOf: () => ({ path, offset: 0 }),
    explainMissing: () => undefined,
  };
}

async function directorySource({ store, signal }: Execution, directory: string): Promise<SourceTree> {
  const op = { kind: "context", name: directory, directory, ignore: { patterns: [] } } as const;
  return contextSource(await openContext(op, { statIndex: store.statIndex(directory), signal }));
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
