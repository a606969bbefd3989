// `tsbuild --watch`: builds, and builds again whenever something changes that the build reads.

import { relative, resolve } from "node:path";
import { build, type BuildResult } from "./build.js";
import { TsbuildError } from "../errors.js";
import type { BuildOptions } from "./options.js";
import { type BuildReads, Changes } from "../watch/index.js";

export interface WatchOptions extends BuildOptions {
  /** A build begins. @param changed what changed, absolute; empty for the first */
  readonly onBuild?: (changed: readonly string[]) => void;
  readonly onBuilt?: (result: BuildResult) => Promise<void> | void;
  /** The build failed; what it reads is watched all the same. */
  readonly onFailed?: (error: unknown) => void;
  /** The build is of no interest any more, because something changed while it ran. */
  readonly onOutdated?: () => void;
}

/**
 * Goes on until the signal aborts. A build that a change makes outdated is ended at once: its finished steps stay cached.
 * What cannot be read for a moment is no end: the build before tells what to watch.
 * @throws usage when the context is not a directory of this machine; what the first build throws before it is known what it reads
 */
export async function watchBuild(options: WatchOptions): Promise<void> {
  if (typeof options.context === "object")
    throw new TsbuildError("usage", "expected a directory to watch, found a stream", {
      hint: "Give the build context as a directory of this machine.",
    });
  const signal = options.signal ?? new AbortController().signal;
  for (let last: Round = { changed: [] }; !signal.aborted;) {
    options.onBuild?.(last.changed);
    last = await buildOnce(options, last, signal);
  }
}

interface Round {
  /** What changed since the build began. */
  readonly changed: readonly string[];
  /** What the build read. */
  readonly reads?: BuildReads;
}

/** Builds, and waits for the next change. @param before what the build before read: it is watched until this one knows better */
async function buildOnce(options: WatchOptions, before: Round, signal: AbortSignal): Promise<Round> {
  const outdated = new AbortController();
  let { reads } = before;
  let changes: Changes | undefined;
  const watch = (found: BuildReads) => {
    const known = changes?.paths ?? [];
    changes?.close();
    reads = found;
    changes = new Changes(withoutOutputs(found, options), { known, onChange: () => outdated.abort() });
  };
  if (reads) watch(reads);
  try {
    const both = AbortSignal.any([signal, outdated.signal]);
    const result = await build({ ...options, signal: both, onReads: watch });
    await options.onBuilt?.(result);
  } catch (error) {
    if (changes === undefined || signal.aborted) throw error;
    if (outdated.signal.aborted) options.onOutdated?.();
    else options.onFailed?.(error);
  }
  try {
    const changed = (await changes?.settle(signal)) ?? [];
    return { changed, ...(reads && { reads }) };
  } finally {
    changes?.close();
  }
}

/** What the build writes itself is no reason to build again. */
function withoutOutputs({ files, directories }: BuildReads, { outputs = [] }: BuildOptions): BuildReads {
  const written = outputs.flatMap((output) =>
    "dest" in output && typeof output.dest === "string" ? [output.dest] : [],
  );
  return {
    files,
    directories: directories.map((read) => {
      const rules = written.flatMap((path) => ignoredBelow(read.directory, path));
      return { ...read, ignore: { ...read.ignore, patterns: [...read.ignore.patterns, ...rules] } };
    }),
  };
}

function ignoredBelow(directory: string, path: string): { readonly text: string; readonly line: number }[] {
  const below = relative(directory, resolve(path));
  return below === "" || below.startsWith("..") ? [] : [{ text: below.replaceAll(/[*?[\]\\]/g, "\\$&"), line: 0 }];
}
