// What a target can be given: build arguments, secrets, ssh agents and cache mounts.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call-outline

import { TsbuildError } from "../../errors.js";
import type { Dockerfile } from "../../parser/index.js";
import { didYouMean, orMeant } from "../../suggest.js";
import { descriptionOf } from "../targets.js";
import type { OutlineMount } from "./mounts.js";
import { type FileNeeds, findStage, type OutlineArg, readNeeds, type StageNeeds } from "./stages.js";

export interface Outline {
  readonly name?: string;
  readonly description?: string;
  readonly args: readonly OutlineArg[];
  readonly secrets: readonly OutlineMount[];
  readonly ssh: readonly OutlineMount[];
  readonly caches: readonly OutlineMount[];
}

export interface OutlineOptions {
  /** @default the last stage */
  readonly target?: string;
  /** @default {} */
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/** Of the target and the stages that it needs: each name once, in file order. @throws unknown_stage */
export function outlineOf(dockerfile: Dockerfile, { target, buildArgs = {} }: OutlineOptions = {}): Outline {
  const needs = readNeeds(dockerfile, buildArgs);
  const stage = targetStage(needs.stages, target);
  const reached = reachedFrom(stage, needs.stages);
  const mounts = reached.flatMap((each) => each.mounts);
  const name = stage.from.as?.name;
  const description = name === undefined ? undefined : descriptionOf(stage.from, name);
  return {
    ...(stage.name !== undefined && { name: stage.name }),
    ...(description !== undefined && { description }),
    args: argsOf(needs, reached),
    secrets: merged(mounts, "secret"),
    ssh: merged(mounts, "ssh"),
    caches: merged(mounts, "cache"),
  };
}

function targetStage(stages: readonly StageNeeds[], target: string | undefined): StageNeeds {
  const stage = target ? findStage(stages, target) : stages.at(-1);
  if (stage) return stage;
  const names = stages.flatMap(({ name }) => name ?? []);
  const choice = names.length > 0 ? `Choose one of ${names.join(", ")}.` : 'Name a stage with "AS".';
  const hint = didYouMean(target ?? "", names) ?? choice;
  throw new TsbuildError(
    "unknown_stage",
    `target stage "${target}" could not be found${orMeant(target ?? "", names)}`,
    { hint },
  );
}

/** The target and what it needs, in file order. */
function reachedFrom(target: StageNeeds, stages: readonly StageNeeds[]): StageNeeds[] {
  const reached = new Set<StageNeeds>();
  const open = [target];
  for (let stage = open.pop(); stage; stage = open.pop()) {
    if (reached.has(stage)) continue;
    reached.add(stage);
    const earlier = stages.slice(0, stages.indexOf(stage));
    const found = stage.sources.map((name) => (/^\d+$/.test(name) ? earlier[Number(name)] : findStage(earlier, name)));
    open.push(...[findStage(earlier, stage.base), ...found].filter((each) => each !== undefined));
  }
  return stages.filter((stage) => reached.has(stage));
}

/** The ARGs of the stages, and those before the first FROM that one of the FROMs looks up. */
function argsOf({ globals }: FileNeeds, stages: readonly StageNeeds[]): OutlineArg[] {
  const used = new Set(stages.flatMap(({ uses }) => uses));
  for (const name of used)
    for (const arg of globals) if (arg.name === name) arg.uses.forEach((other) => used.add(other));
  const args = new Map(globals.filter(({ name }) => used.has(name)).map((arg) => [arg.name, arg]));
  for (const arg of stages.flatMap((stage) => stage.args)) {
    const global = globals.find(({ name }) => name === arg.name);
    if (!args.has(arg.name))
      args.set(arg.name, { ...(global?.description !== undefined && { description: global.description }), ...arg });
  }
  return [...args.values()].sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
}

/** One mount for each ID; required when one of them is. */
function merged(mounts: readonly OutlineMount[], type: OutlineMount["type"]): OutlineMount[] {
  const byId = new Map<string, OutlineMount>();
  for (const mount of mounts.filter((each) => each.type === type)) {
    const known = byId.get(mount.id) ?? mount;
    byId.set(mount.id, { ...known, required: known.required || mount.required });
  }
  return [...byId.values()];
}
