// The sources of a COPY or ADD then and now.

import { posix } from "node:path";
import type { Digest } from "../../oci/index.js";
import type { Change, StepFileChange } from "./change.js";
import type { Listings } from "./compare-mounts.js";
import { rootChange, type RootOptions } from "./compare-roots.js";
import { differs, type Inputs } from "./inputs.js";
import { compareLayers } from "./layer-changes.js";
import { sourcePath } from "./source-path.js";

export interface SourceOptions extends RootOptions, Listings {
  /** What the new layer says differently from the old one. Asked for only when sources changed. */
  readonly layerChanges: () => readonly StepFileChange[] | undefined;
}

interface SourceInput {
  readonly path?: string;
  readonly name?: string;
  /** The layers of a stage or an image. */
  readonly root?: readonly string[];
  /** The content digest of what is read of a build context. */
  readonly files?: Digest;
}

/** What COPY or ADD reads, and where it puts it. @param then the inputs of the step */
export function compareSources(then: Inputs, now: Inputs, options: SourceOptions): readonly Change[] {
  const sources = (now["sources"] ?? []) as readonly SourceInput[];
  const old = (then["sources"] ?? []) as readonly SourceInput[];
  const roots = sources.flatMap((source, index) => stageChange(old[index], source, options));
  if (roots.length > 0) return roots;
  const archives = sources.flatMap((source, index) => archiveChange(old[index], source, options));
  const files = options.layerChanges();
  if (!files || files.length === 0) return archives.length > 0 ? archives : changedSources(old, sources);
  const paths = {
    sources: sources.flatMap(({ path }) => path ?? []),
    destination: String(now["destination"] ?? "/"),
    parents: now["parents"] === true,
  };
  const isComparable = then["destination"] === now["destination"];
  const inContext = files.map((file) => ({
    ...file,
    path: isComparable ? sourcePath(file.path, paths) : `/${file.path}`,
  }));
  return [...archives, ...inContext];
}

/** Of ADD the files themselves are known: an archive that is unpacked is one of them, whatever is in it. */
function archiveChange(
  then: SourceInput | undefined,
  { path, files }: SourceInput,
  { listing, layerChanges }: SourceOptions,
): readonly Change[] {
  if (path === undefined || !then?.files || !files || then.path !== path || then.files === files) return [];
  const [old, now] = [listing?.(then.files), listing?.(files)];
  const changes = old && now ? compareLayers(old, now) : [];
  const [from, to] = [old?.[0], now?.[0]];
  const [only] = changes;
  if (changes.length !== 1 || only?.what !== "content" || from?.type !== "file" || to?.type !== "file") return [];
  const isItself = layerChanges()?.some((file) => posix.basename(file.path) === posix.basename(only.path)) ?? false;
  return isItself ? [] : [{ kind: "source", path: only.path, from: from.size, to: to.size }];
}

/** What is copied from a stage follows the step that made it other. */
function stageChange(then: SourceInput | undefined, now: SourceInput, options: SourceOptions): readonly Change[] {
  if (!then?.root || !now.root || then.path !== now.path || !differs(then.root, now.root)) return [];
  return [rootChange(then.root, now.root, options)];
}

function changedSources(then: readonly SourceInput[], now: readonly SourceInput[]): readonly Change[] {
  const changed = now.filter((source, index) => differs(source, then[index]));
  if (changed.length === 0) return [{ kind: "instruction" }];
  return changed.map(({ path, name }) => ({ kind: "source", path: path ?? name ?? "." }));
}
