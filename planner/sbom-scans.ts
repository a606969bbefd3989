// What an SBOM tells of beside the image: stages that it was made of, and the build context.
// https://docs.docker.com/build/metadata/attestations/sbom/#arguments

import type { Planning, StageState } from "./state.js";
import { type Stage, stageLabel } from "./stages.js";

export interface SbomScans {
  /** Stages that ask for it, with the vertex of their filesystem. */
  readonly stages: readonly { readonly name: string; readonly vertex: number }[];
  readonly context: boolean;
}

const OF_STAGE = "BUILDKIT_SBOM_SCAN_STAGE";
const OF_CONTEXT = "BUILDKIT_SBOM_SCAN_CONTEXT";
/** As Go's strconv.ParseBool has it. */
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];

/** @param states of the stages that the target needs */
export function sbomScans(
  states: readonly StageState[],
  target: StageState,
  planning: Pick<Planning, "globals">,
): SbomScans {
  const wanting = (name: string) => states.filter((state) => isWanted(name, state, planning));
  const stages = wanting(OF_STAGE).filter(({ stage }) => stage !== target.stage);
  return {
    stages: stages.map(({ stage, vertex }) => ({ name: stageLabel(stage), vertex })),
    context: wanting(OF_CONTEXT).length > 0,
  };
}

/** With other numbers for the vertices; a stage whose vertex has none is not built. Nothing when there is nothing to scan. */
export function renumberScans(
  { stages, context }: SbomScans,
  renumber: (id: number) => number | undefined,
): { readonly scans?: SbomScans } {
  const built = stages.flatMap(({ name, vertex }) => {
    const number = renumber(vertex);
    return number === undefined ? [] : [{ name, vertex: number }];
  });
  return built.length > 0 || context ? { scans: { stages: built, context } } : {};
}

/** True for all of whom the ARG holds, or a list with the name of the stage. */
function isWanted(name: string, { stage, scope }: StageState, { globals }: Pick<Planning, "globals">): boolean {
  const value = (declares(stage, name) ? scope.args.get(name) : globals.get(name)) ?? "";
  return TRUE.includes(value) || value.split(",").includes(stageLabel(stage));
}

/** The ARG of a stage is not one of those that are made from it. */
function declares({ instructions }: Stage, name: string): boolean {
  return instructions.some(
    (instruction) => instruction.kind === "ARG" && instruction.args.some((arg) => arg.name.text === name),
  );
}
