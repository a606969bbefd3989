// Plans a Dockerfile to find what is wrong in it, in stages too that the last one does not need.

import { type Dockerfile, DockerfileError, type Instruction } from "../parser/index.js";
import { plan, type PlanOptions, type PlanWarning } from "../planner/index.js";

export interface Planned {
  readonly warnings: readonly PlanWarning[];
  /** The first thing that is wrong, with what else is in `others`. */
  readonly error?: DockerfileError;
}

/** With a target only that is planned, and what it needs. @throws TsbuildError for what is not the Dockerfile's fault */
export async function planAll(dockerfile: Dockerfile, options: PlanOptions): Promise<Planned> {
  const targets = options.target === undefined ? [undefined, ...endsOf(dockerfile)] : [options.target];
  const warnings = new Map<string, PlanWarning>();
  const errors = new Map<string, DockerfileError>();
  const onWarning = (warning: PlanWarning) => void warnings.set(placeOf(warning), warning);
  for (const target of targets) {
    const attempt = plan(dockerfile, { ...options, ...(target !== undefined && { target }), onWarning });
    for (const error of await errorsOf(attempt)) errors.set(placeOf(error), error);
  }
  const error = errors.size > 0 && joined(inFileOrder([...errors.values()]));
  return { warnings: [...warnings.values()], ...(error && { error }) };
}

/** The stages but the last that no later one is built on or copies from, by name. */
function endsOf({ instructions }: Dockerfile): string[] {
  const used = new Set<string>();
  const ends: string[] = [];
  let inStage: string[] = [];
  let isLast = true;
  for (const instruction of instructions.toReversed()) {
    inStage.push(...namesUsed(instruction));
    if (instruction.kind !== "FROM") continue;
    const name = instruction.as?.name.toLowerCase();
    if (!isLast && name !== undefined && !used.has(name)) ends.push(name);
    for (const other of inStage) used.add(other.toLowerCase());
    inStage = [];
    isLast = false;
  }
  return ends;
}

function namesUsed(instruction: Instruction): string[] {
  if (instruction.kind === "FROM") return [instruction.image.text];
  if (instruction.kind === "COPY") return instruction.from ? [instruction.from.text] : [];
  if (instruction.kind !== "RUN") return [];
  const options = instruction.mounts.flatMap((mount) => mount.options);
  return options.flatMap(({ key, value }) => (key === "from" && value ? value.text : []));
}

async function errorsOf(attempt: Promise<unknown>): Promise<readonly DockerfileError[]> {
  try {
    await attempt;
    return [];
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return [error, ...error.others];
  }
}

export function inFileOrder(errors: readonly DockerfileError[]): DockerfileError[] {
  return errors.toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
}

/** The first error, which there must be, with the rest as its `others`. */
export function joined([first, ...others]: readonly DockerfileError[]): DockerfileError {
  const { code, message, span, hint, cause } = first!;
  return new DockerfileError(code, message, span, { cause, others, ...(hint !== undefined && { hint }) });
}

function placeOf({ span, message }: Pick<PlanWarning, "span" | "message">): string {
  return `${span?.line}:${span?.column} ${message}`;
}
