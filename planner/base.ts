// FROM: where a stage begins.
// https://docs.docker.com/reference/dockerfile/#from

import { TsbuildError } from "../errors.js";
import { type Platform, formatPlatform } from "../oci/index.js";
import { DockerfileError } from "../parser/index.js";
import { at, closest } from "./error.js";
import { layoutName } from "./images.js";
import type { FoundContext } from "./named-contexts.js";
import type { NamedContext } from "./options.js";
import { readPlatform } from "./read-platform.js";
import { type Planning, expandIn } from "./state.js";
import { type Stage, findBaseStage, stageNames } from "./stages.js";

/** A named context that is files, not an image. */
export type FilesContext = NamedContext & { readonly kind: "directory" | "git" | "http" };

/** What a name stands for, before anything is fetched. */
export type Source =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly stage: Stage }
  | { readonly kind: "files"; readonly name: string; readonly context: FilesContext }
  /** `name` is what to resolve; `context` the named context that says so. */
  | { readonly kind: "image"; readonly name: string; readonly context?: string };

/** @throws bad_value, bad_platform */
export function baseOf(stage: Stage, planning: Planning): Source {
  const name = expandFrom(stage, planning);
  if (name === "scratch") return { kind: "scratch" };
  const base = findBaseStage(planning.stages, name, stage.index);
  return base ? { kind: "stage", stage: base } : imageSource(name, planning);
}

/** The named context that stands for a whole stage: its instructions are not run (S-069). */
export function replacementOf(stage: Stage, { contexts }: Planning): Source | undefined {
  const found = stage.name === undefined ? undefined : contexts.find(stage.name);
  return found && contextSource(found);
}

/** What a name that is no stage stands for (S-066). */
export function imageSource(name: string, { contexts }: Planning): Source {
  if (name === "scratch") return { kind: "scratch" };
  const found = contexts.find(name);
  return found ? contextSource(found) : { kind: "image", name };
}

function contextSource({ name, context }: FoundContext): Source {
  if (context.kind === "image") return { kind: "image", name: context.reference, context: name };
  if (context.kind !== "layout") return { kind: "files", name, context };
  return { kind: "image", name: layoutName(context.directory, context.reference), context: name };
}

function expandFrom({ from }: Stage, planning: Planning): string {
  const name = expandIn(from.image, planning.globals, planning);
  if (name !== "") return name;
  throw new DockerfileError(
    "bad_value",
    `expected the name of an image or a stage, found "${from.image.text}", which is empty`,
    from.image.span,
    {
      hint: "Give the variable a value by an ARG before the first FROM, or by --build-arg.",
    },
  );
}

/** The platform that `--platform` asks for, or that of the build. @throws bad_platform */
export function platformOf({ from }: Stage, planning: Planning): Platform {
  if (!from.platform) return planning.platform;
  const text = expandIn(from.platform, planning.globals, planning);
  try {
    return readPlatform(text);
  } catch (error) {
    throw at(from.platform.span, error);
  }
}

/** Points a failed look-up of a base image at its FROM; a name that looks like a stage's was perhaps meant to be one. */
export function imageFailure(error: unknown, name: string, stage: Stage, planning: Planning): unknown {
  const span = stage.from.image.span;
  if (!(error instanceof TsbuildError)) return error;
  const earlier = stageNames(planning.stages.slice(0, stage.index));
  return at(span, error, closest(name.toLowerCase(), earlier)?.hint);
}

/** BuildKit's words for a base image that is for another platform than was asked for (S-071). */
export function platformMismatch(name: string, actual: Platform, expected: Platform): string | undefined {
  if (actual.os === expected.os && actual.architecture === expected.architecture) return undefined;
  const [found, wanted] = [actual, expected].map((platform) => JSON.stringify(formatPlatform(platform)));
  return `Base image ${name} was pulled with platform ${found}, expected ${wanted} for current build`;
}
