// `tsbuild shell`: a Dockerfile up to one of its steps, and a shell there.

import { withDate } from "./date.js";
import { TsbuildError } from "../errors.js";
import { type Results, runSnapshot } from "../executor/index.js";
import { executeGraphs, runtimeOf } from "./execution.js";
import type { BuildOptions } from "./options.js";
import { assemble } from "../outputs/index.js";
import type { Dockerfile } from "../parser/index.js";
import { load, type Loaded, planBuild } from "./phases.js";
import { signalOf, withoutImage } from "./picks.js";
import type { BuildGraph, PlatformGraph } from "../planner/index.js";
import { withDefaults } from "./resolved-options.js";
import { begin, type BuildSession } from "./session.js";

export interface ShellOptions extends BuildOptions {
  /** The number of a step of the target stage, as progress shows it: FROM is 1. @default the last */
  readonly step?: number;
  /** A command in place of a shell. */
  readonly args?: readonly string[];
  /** Told when everything before the shell is done. */
  readonly onReady?: () => void;
}

/**
 * Builds the target up to a step, from the cache where it can, and opens a shell there, with the environment, user and
 * directory that the next step would have. What is changed in it is thrown away.
 * @returns the exit code of the shell
 * @throws usage when there is no such step, command_not_found when the image has no shell; as `build`
 */
export async function openShell(given: ShellOptions = {}): Promise<number> {
  const { step, args, onReady, ...options } = given;
  const resolved = withoutImage(withDefaults(options));
  if (resolved.platforms.length > 1)
    throw new TsbuildError("usage", `expected one platform for a shell, found "${resolved.platform}"`, {
      hint: "Choose one with --platform.",
    });
  const begun = await begin(resolved);
  begun.recorder.discard();
  try {
    const loaded = await load(begun);
    const session = await withDate(begun, loaded);
    const graph = await session.repair.run(() => graphUpTo(step, session, loaded));
    return await session.retrying(async () => {
      const results = await executeGraphs(session, [graph], loaded);
      session.repair.seal();
      onReady?.();
      return shellIn(session, graph, { results, args });
    });
  } catch (error) {
    throw begun.fail(error);
  } finally {
    await begun.end();
  }
}

/** Warnings are told of what is built. */
async function graphUpTo(step: number | undefined, session: BuildSession, loaded: Loaded): Promise<PlatformGraph> {
  if (step === undefined) return (await planBuild(session, loaded))[0]!;
  const [whole] = await planBuild({ ...session, emit: () => {} }, loaded);
  const tree = upToStep(loaded.tree, whole!, step);
  const { target, ...others } = session.options;
  const options = tree === loaded.tree && target !== undefined ? { ...others, target } : others;
  return (await planBuild({ ...session, options }, { ...loaded, tree }))[0]!;
}

interface ShellGiven {
  readonly results: Results;
  readonly args: ShellOptions["args"] | undefined;
}

/** @returns its exit code */
async function shellIn(
  { options, store, places }: BuildSession,
  graph: BuildGraph,
  { results, args }: ShellGiven,
): Promise<number> {
  const { layers, config } = assemble(graph, results);
  const { code } = await runSnapshot(
    { layers, config },
    {
      store,
      openOrigin: places.openOrigin,
      runtime: () => runtimeOf(options),
      settings: options.run,
      network: options.network,
      signal: new AbortController().signal,
      ...signalOf(options),
      terminal: true,
      shell: args === undefined,
      ...(args && { args, entrypoint: [] }),
      onOutput: () => {},
    },
  );
  return code;
}

/**
 * The file without what comes after a step of the target stage: a stage that is cut short is a stage, and the last one. The very
 * same file when the stage has nothing that could be left out.
 * @throws usage
 */
export function upToStep(dockerfile: Dockerfile, { vertices, target }: BuildGraph, step: number): Dockerfile {
  const { stage } = vertices[target]!;
  const steps = vertices.flatMap(({ stage: own, step: place, lines }) =>
    own === stage && place && lines ? [{ ...place, lines }] : [],
  );
  const [first] = steps;
  const count = first?.count ?? 1;
  if (!Number.isInteger(step) || step < 1 || step > count) {
    throw new TsbuildError("usage", `expected a step from 1 to ${count}, found ${step}`, {
      hint: "Look at the numbers that progress shows: [2/5] is step 2.",
    });
  }
  if (!first) return dockerfile;
  const end = steps.findLast(({ number }) => number <= step)?.lines[1] ?? first.lines[0] - 1;
  return { ...dockerfile, instructions: dockerfile.instructions.filter(({ span }) => span.line <= end) };
}
