// A step that failed, while what it left is still there: to look at, or to take away.

import { join } from "node:path";
import { mkdirSync, rmSync } from "node:fs";
import { stagedName } from "../../cache/index.js";
import { TsbuildError } from "../../errors.js";
import { packDirectory, removeTree } from "../../filesystem/index.js";
import type { RunOp } from "../../planner/index.js";
import type { Execution, Result } from "../context.js";
import { keepLayer, layerOf, type Layer } from "../layers/index.js";
import { selectionLayer } from "../mounts/index.js";
import { openSource } from "../ops/sources.js";
import { ownership } from "../ownership.js";
import { createdNow } from "../pack.js";
import type { SandboxOverlay } from "../sandbox/index.js";
import type { StepError } from "../step-error.js";
import { ownerNotesIn } from "./owners.js";
import { type Command, type CommandEnd, type Place, runCommand } from "./run.js";
import { shellArgs } from "./shell.js";

export interface FailedStep {
  readonly error: StepError;
  /** What was run. `env` has no secrets. */
  readonly command: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly user: string;
  };
  /** Opens a shell on the terminal, in the root as the step left it, with its environment, user, mounts and network. @returns its exit code */
  shell(): Promise<number>;
  /** The root as layers, bottom first: with what the step changed, and what its bind mounts showed. Nothing of caches and secrets. */
  layers(): Promise<readonly Layer[]>;
}

export interface FailedStepOptions {
  readonly op: RunOp;
  readonly results: readonly Result[];
  readonly command: Command;
  readonly place: Place;
  readonly error: StepError;
  /** Who the command ran as. */
  readonly user: CommandEnd["user"];
}

export function failedStep(
  execution: Execution,
  { op, results, command, place, error, user: ranAs }: FailedStepOptions,
): FailedStep {
  const { args, cwd, user } = op;
  return {
    error,
    command: { args, cwd, user, env: [...op.proxyEnv, ...op.env] },
    shell: async () => {
      for (const mount of command.mounts ?? []) if (mount.type === "overlay") prepareAgain(mount);
      const env = [`TERM=${process.env.TERM ?? "dumb"}`, ...command.env];
      const { timeout: _, ...settings } = execution.settings;
      const { code } = await runCommand(
        { ...execution, settings },
        { ...command, env, args: shellArgs(place.tree) },
        { ...place, goOn: true, terminal: true },
      );
      return code;
    },
    layers: async () => {
      const shown = op.mounts.flatMap((mount) =>
        mount.type === "bind" ? [mountLayer(execution, mount, results[mount.input!]!)] : [],
      );
      return [...place.snapshot.layers, await changesLayer(execution, place, ranAs), ...(await Promise.all(shown))];
    },
  };
}

/** What was written to a mount stays; the rest of its overlay's directories serve one mount only. */
function prepareAgain({ work, scratch }: SandboxOverlay): void {
  for (const directory of [work, scratch]) {
    removeTree(directory);
    mkdirSync(directory);
  }
}

async function changesLayer(
  execution: Execution,
  { root, tree, directory }: Place,
  user: CommandEnd["user"],
): Promise<Layer> {
  const tar = stagedName(join(execution.store.scratch(), "failed.tar"));
  try {
    const index = await packDirectory(root.upper, tree, {
      ...root.changes,
      output: tar,
      ...(ownership() === "recorded" && { owner: user, ownerNotes: ownerNotesIn(directory) }),
    });
    await execution.inspectLayer?.(tar, index); // before the store has it
    return layerOf(keepLayer(execution.store, execution.layers, { index, tar, created: createdNow(execution) }));
  } finally {
    rmSync(tar, { force: true });
  }
}

async function mountLayer(
  execution: Execution,
  { source, target }: Extract<RunOp["mounts"][number], { type: "bind" }>,
  result: Result,
): Promise<Layer> {
  const tree = await openSource(execution, result);
  const path = tree.tree.resolve(source);
  if (!tree.tree.get(path))
    throw new TsbuildError("source_not_found", `"${source}" not found, which is mounted at "${target}"`, {
      hint: "Correct source= of the mount.",
    });
  return selectionLayer(execution, tree, path, target.slice(1));
}
