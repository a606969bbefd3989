// What the mounts of a RUN put into its key: what they show, not what is kept in them (S-130, S-132, S-140, S-196).

import { contentDigest } from "../../filesystem/index.js";
import type { RunMount } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { openSource } from "../ops/sources.js";
import { entriesAt } from "./selection.js";

export function mountInputs(
  execution: Execution,
  mounts: readonly RunMount[],
  results: readonly Result[],
): Promise<readonly unknown[]> {
  return Promise.all(mounts.map((mount) => inputsOf(execution, mount, results)));
}

async function inputsOf(execution: Execution, mount: RunMount, results: readonly Result[]): Promise<unknown> {
  switch (mount.type) {
    case "tmpfs":
      return { ...mount };
    case "bind":
      return {
        type: mount.type,
        target: mount.target,
        readonly: mount.readonly,
        content: await selectedContent(execution, results[mount.input!]!, mount.source),
      };
    case "host":
      return { type: mount.type, target: mount.target, readonly: mount.readonly };
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
async function selectedContent(execution: Execution, result: Result, path: string): Promise<string> {
  const source = await openSource(execution, result);
  return contentDigest(await source.hash(entriesAt(source, source.tree.resolve(path))));
}
