// A Dockerfile with all that is wrong in it told at once: what cannot be read, and what planning says of the rest.

import { TsbuildError } from "../errors.js";
import { type Dockerfile, type DockerfileError, type ParseOptions, read, type Reading } from "../parser/index.js";
import { suggest } from "../suggest.js";
import type { PlanOptions, ResolveImage } from "../planner/index.js";
import { unknownImage } from "./known-images.js";
import { inFileOrder, joined, planAll } from "./plan-all.js";

export interface ParseWholeOptions extends ParseOptions, Omit<PlanOptions, "resolveImage" | "onWarning"> {}

/** Of a file that is no Dockerfile at all, this many errors are enough. */
const MOST_ERRORS = 20;
const ABOUT_STAGES = ["unknown_stage", "stage_order", "circular_dependency"];

/**
 * Parses as `parse` does. No image is looked for.
 * @throws DockerfileError the first error of the file; its `others` are the rest, those of planning included
 */
export async function parseWhole(source: string | Uint8Array, options: ParseWholeOptions = {}): Promise<Dockerfile> {
  const reading = read(source, options);
  if (reading.errors.length === 0) return reading.dockerfile;
  const all = inFileOrder([...reading.errors, ...(await errorsOfRest(reading, options))]);
  throw joined(all.slice(0, MOST_ERRORS));
}

/** What is certainly wrong in the lines that can be read: nobody knows what names and variables the others would give. */
async function errorsOfRest(reading: Reading, options: ParseWholeOptions): Promise<DockerfileError[]> {
  const { dockerfile, unread } = reading;
  if (!dockerfile.instructions.some(({ kind }) => kind === "FROM")) return [];
  const found = await planUnresolved(dockerfile, options);
  const areStagesKnown = unread.every((word) => word !== "FROM" && suggest(word, ["FROM"]) === undefined);
  return found.filter(
    (error) => (areStagesKnown || !ABOUT_STAGES.includes(error.code)) && !hasVariables(dockerfile, error.span.line),
  );
}

/** A failure that is not the Dockerfile's, such as a target that is no stage, waits until the file can be read. */
async function planUnresolved(dockerfile: Dockerfile, options: ParseWholeOptions): Promise<readonly DockerfileError[]> {
  try {
    const { error } = await planAll(dockerfile, { ...options, resolveImage: unlessStageIsMeant(dockerfile) });
    return error ? [error, ...error.others] : [];
  } catch (error) {
    if (error instanceof TsbuildError) return [];
    throw error;
  }
}

/** Finds any image, unless its name is nearly that of a stage, and no FROM uses it. */
function unlessStageIsMeant({ instructions }: Dockerfile): ResolveImage {
  const froms = instructions.filter((instruction) => instruction.kind === "FROM");
  const bases = new Set(froms.map(({ image }) => image.text));
  const stages = froms.flatMap((from) => from.as?.name.toLowerCase() ?? []);
  return async (name, platform) => {
    const meant = suggest(name.toLowerCase(), stages);
    if (bases.has(name) || meant === undefined) return unknownImage(name, platform);
    throw new TsbuildError("unknown_stage", `no stage is named "${name}"`, { hint: `Did you mean "${meant}"?` });
  };
}

function hasVariables({ instructions }: Dockerfile, line: number): boolean {
  const at = instructions.find(({ startLine, endLine }) => startLine <= line && line <= endLine);
  return at?.text.includes("$") ?? false;
}
