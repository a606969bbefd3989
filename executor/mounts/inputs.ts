// What the mounts of a RUN put into its key: what they show, not what is kept in them (S-130, S-132, S-140, S-196).

import { contentDigest } from "../../filesystem/index.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { contentsOf } from "../layers/index.js";
import { openSource } from "../ops/sources.js";
import type { Mounted } from "../why/index.js";
import { entriesAt } from "./selection.js";

export interface MountInputs {
  readonly inputs: unknown;
  /** Of a bind mount. */
  readonly mounted?: Mounted;
}

export function mountInputs(
  execution: Execution,
  mounts: readonly RunMount[],
  results: readonly Result[],
): Promise<readonly MountInputs[]> {
  return Promise.all(mounts.map((mount) => inputsOf(execution, mount, results)));
}

async function inputsOf(execution: Execution, mount: RunMount, results: readonly Result[]): Promise<MountInputs> {
  if (mount.type !== "bind") return { inputs: plainInputs(mount) };
  const { type, target, readonly } = mount;
  const mounted = await mountedBy(execution, results[mount.input!]!, mount);
  return { inputs: { type, target, readonly, content: mounted.content }, mounted };
}

function plainInputs(mount: Exclude<RunMount, { readonly type: "bind" }>): unknown {
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
async function mountedBy(
  execution: Execution,
  result: Result,
  { target, source: path }: Pick<Extract<RunMount, { type: "bind" }>, "target" | "source">,
): Promise<Mounted> {
  const source = await openSource(execution, result);
  const entries = await source.hash(entriesAt(source, source.tree.resolve(path)));
  const root = result.kind === "snapshot" ? { root: contentsOf(result.snapshot) } : {};
  return { target, content: contentDigest(entries), entries, ...root };
}
