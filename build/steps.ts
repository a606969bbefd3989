// `tsbuild shell`: a Dockerfile up to one of its steps, and a shell there.

import { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { chooseRuntime, execute, runSnapshot } from "../executor/index.js";
import { fetcher, imageResolver, namedContexts, openInputs, secretsOf } from "../inputs/index.js";
import { type BuildOptions, planOptions, withDefaults } from "./options.js";
import { assemble } from "../outputs/index.js";
import { type Dockerfile, parse } from "../parser/index.js";
import { openPlaces } from "../places.js";
import { type BuildGraph, type ImageOrigin, plan } from "../planner/index.js";
import { reporting } from "./reporting.js";
import { SelfRepair } from "./self-repair.js";
import { earlyRules, sourceRules } from "./source-rules.js";
import { CacheMounts, SharedCaches } from "../shared-cache/index.js";

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
export async function openShell(userOptions: ShellOptions = {}): Promise<number> {
  const options = withDefaults(userOptions);
  if (options.platforms.length > 1)
    throw new TsbuildError("usage", `expected one platform for a shell, found "${userOptions.platform}"`);
  const secrets = secretsOf(options);
  const store = Store.openAt(options.home);
  const logs = store.newBuild();
  const { emit, error: masked } = reporting(secrets.all(), logs, options.onEvent);
  const places = openPlaces(store, options, emit);
  const signal = options.signal ?? new AbortController().signal;
  const reading = { ...places, store, emit, signal };
  const caches = new SharedCaches({ ...reading, from: options.cacheFrom, to: [], env: process.env });
  const repair = new SelfRepair({ store, emit, signal });
  const sharedMounts = new CacheMounts({ ...reading, from: options.cacheMountsFrom ?? [], to: [] });
  try {
    const remote = { store, secrets, network: places.openNetwork, signal };
    const early = earlyRules(options);
    const inputs = await openInputs(options, { ...remote, emit, resolveSource: early.source });
    const { dockerfile: source, context } = inputs;
    const dockerfile = parse(source.content, { path: source.path });
    const { openRepository } = places;
    const rules = sourceRules(options, inputs);
    const resolveImage = rules.resolving(imageResolver({ store, pull: options.pull, openRepository }));
    const given = {
      ...planOptions(options),
      resolveImage,
      resolveSource: rules.resolveSource,
      context,
      namedContexts: namedContexts(options.buildContexts ?? {}),
    };
    const whole = await plan(dockerfile, given);
    const cut = userOptions.step === undefined ? dockerfile : upToStep(dockerfile, whole, userOptions.step);
    const graph = cut === dockerfile ? whole : await plan(cut, withoutTarget(given));
    const running = {
      store,
      runtime: async () => chooseRuntime(options.ociRuntime === undefined ? {} : { requested: options.ociRuntime }),
      openOrigin: (origin: ImageOrigin) => caches.openOrigin(origin),
    };
    const settings = options.run ?? {};
    const shell = { ...running, settings, signal, ...shellCommand(userOptions) };
    const shared = caches.of([graph], { target: "", dockerfile: "" });
    const isBroken = () => shared.isBroken() || repair.isDue;
    const work = async () => {
      const results = await execute(graph, {
        ...options,
        onStepFailure: async () => {},
        ...running,
        shared: { ...shared, isBroken },
        sharedMounts,
        settings,
        emit,
        secrets,
        fetch: fetcher(remote),
      });
      repair.seal();
      userOptions.onReady?.();
      const { layers, config } = assemble(graph, results);
      return (await runSnapshot({ layers, config }, shell)).code;
    };
    return await repair.run(() => caches.retrying(work));
  } catch (error) {
    throw masked(error);
  } finally {
    await caches.end();
    logs.close();
    await places.close();
    store.close();
  }
}

function withoutTarget<Given extends { readonly target?: string }>({
  target: _,
  ...given
}: Given): Omit<Given, "target"> {
  return given;
}

function shellCommand({ args, network = "default" }: ShellOptions) {
  const command = { terminal: true, shell: args === undefined, network, onOutput: () => {} };
  return { ...command, ...(args && { args, entrypoint: [] }) };
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
