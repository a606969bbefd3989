// COPY and ADD of files. No root, no mounts: trees in, a layer out.
//
// Two looks into the cache: by what the operation reads (quick), then by what the layer would say. The second finds the
// layer when a source was rebuilt, renamed or touched but the result is the same (S-191, S-192).

import { contentDigest, type Entry } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import type { CopyOp, CopySource, Vertex } from "../../planner/index.js";
import { cachedLayer } from "../cached.js";
import type { Execution, Made, Result, SnapshotResult } from "../context.js";
import { planCopy } from "../copy/plan.js";
import { select, selectNamed } from "../copy/select.js";
import type { SourceTree } from "../copy/source.js";
import { contentsOf } from "../layers/index.js";
import { packAndKeep } from "../pack.js";
import { readTextFile } from "../root-files.js";
import type { Listing } from "../why/index.js";
import { openSource } from "./sources.js";

export async function copy(
  execution: Execution,
  vertex: Vertex & { readonly op: CopyOp },
  results: readonly Result[],
): Promise<Made> {
  const { op } = vertex;
  const below = (results[op.parent] as SnapshotResult).snapshot;
  const sources = await Promise.all(op.sources.map((source) => sourceInputs(source, results)));
  const inputs = {
    op: "copy",
    destination: op.destination,
    ...(op.chown !== undefined && { chown: op.chown }),
    ...(op.chmod !== undefined && { chmod: op.chmod }),
    exclude: op.exclude,
    parents: op.parents,
    unpack: op.unpack,
    sources: sources.map((source) => source.inputs),
    ...(op.link ? { link: true } : { root: contentsOf(below) }),
  };
  const listings = op.unpack === "never" ? [] : sources.flatMap(({ listing }) => listing ?? []);
  return cachedLayer(execution, { inputs, below, vertex, listings, make: () => make(execution, vertex, results) });
}

/** What of a source goes into the key, and the files that it has a digest of. */
async function sourceInputs(
  source: CopySource,
  results: readonly Result[],
): Promise<{ readonly inputs: unknown; readonly listing?: Listing }> {
  if (source.kind === "inline") return { inputs: { name: source.name, content: sha256(source.content) } };
  const result = results[source.input]!;
  if (result.kind === "snapshot") return { inputs: { path: source.path, root: contentsOf(result.snapshot) } };
  const listing = await selectedFiles(await result.open(), source);
  return { inputs: { path: source.path, files: listing.content }, listing };
}

/** All that a path or pattern names in a build context. */
async function selectedFiles(
  { tree, hash }: SourceTree,
  { path, download }: CopySource & { kind: "files" },
): Promise<Listing> {
  const selected: Entry[] = [];
  for (const one of download ? selectNamed(tree, path) : select(tree, path)) selected.push(...tree.walk(one.path));
  const entries = await hash(selected);
  return { content: contentDigest(entries), entries };
}

async function make(
  execution: Execution,
  { op, noCache }: Vertex & { readonly op: CopyOp },
  results: readonly Result[],
) {
  const { snapshot } = results[op.parent] as SnapshotResult;
  const plan = await planCopy(op, {
    parent: op.link ? undefined : await execution.layers.tree(snapshot),
    readFile: (path) => readTextFile(execution, snapshot, path),
    sources: await openSources(execution, op, results),
    now: Math.floor(execution.now() / 1000),
    scratch: () => execution.store.scratch(),
    signal: execution.signal,
    warn: (message, span) => execution.emit({ type: "warning", rule: "COPY", message, span }),
  });
  return packAndKeep(execution, plan.changes, plan.contentOf, { isAnew: noCache !== false });
}

async function openSources(
  execution: Execution,
  op: CopyOp,
  results: readonly Result[],
): Promise<Map<number, SourceTree>> {
  const inputs = new Set(op.sources.flatMap((source) => (source.kind === "files" ? [source.input] : [])));
  const opened = [...inputs].map(async (input) => [input, await openSource(execution, results[input]!)] as const);
  return new Map(await Promise.all(opened));
}
