// What the mounts of a RUN put into its key: what they show, not what is kept in them (S-130, S-132, S-140, S-196).

import { contentDigest } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { contentsOf } from "../layers/index.js";
import { openSource } from "../ops/sources.js";
import type { Listing, MountedRoots } from "../why/index.js";
import type { BindMount } from "./bind.js";
import { entriesAt } from "./selection.js";

export interface MountInputs {
  readonly inputs: readonly unknown[];
  /** The files that bind mounts of build contexts show. */
  readonly listings: readonly Listing[];
  readonly mounted: MountedRoots;
}

export async function mountInputs(
  execution: Execution,
  mounts: readonly RunMount[],
  results: readonly Result[],
): Promise<MountInputs> {
  const binds = await Promise.all(
    mounts.map((mount) => (mount.type === "bind" ? listingOf(execution, results[mount.input!]!, mount) : undefined)),
  );
  const inputs = mounts.map((mount, index) => inputsOf(mount, binds[index]));
  const listings: Listing[] = [];
  const mounted: Record<string, readonly Digest[]> = {};
  for (const [index, mount] of mounts.entries()) {
    if (mount.type !== "bind") continue;
    const result = results[mount.input!]!;
    if (result.kind === "snapshot") mounted[mount.target] = contentsOf(result.snapshot);
    else listings.push(binds[index]!);
  }
  return { inputs, listings, mounted };
}

function inputsOf(mount: RunMount, bound: Listing | undefined): unknown {
  if (mount.type !== "bind") return plainInputs(mount);
  const { type, target, readonly } = mount;
  return { type, target, readonly, content: bound!.content };
}

function plainInputs(mount: Exclude<RunMount, BindMount>): unknown {
  switch (mount.type) {
    case "tmpfs":
      return { ...mount };
    case "host":
    case "cache":
      return { type: mount.type, target: mount.target, readonly: mount.readonly };
    case "secret":
    case "ssh": {
      const { type, id, target, env, required, mode } = mount;
      return { type, id, required, mode, ...(target !== undefined && { target }), ...(env !== undefined && { env }) };
    }
  }
}

/** Of a missing source nothing: the step then fails when it runs. */
async function listingOf(execution: Execution, result: Result, { source: path }: BindMount): Promise<Listing> {
  const source = await openSource(execution, result);
  const entries = await source.hash(entriesAt(source, source.tree.resolve(path)));
  return { content: contentDigest(entries), entries };
}
