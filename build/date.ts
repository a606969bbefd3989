// SOURCE_DATE_EPOCH where the command line does not say it: from the Dockerfile, or from what it is built from.
// https://github.com/moby/buildkit/blob/master/docs/build-repro.md#source_date_epoch

import type { Loaded } from "./phases.js";
import type { BuildSession } from "./session.js";
import { TsbuildError } from "../errors.js";
import { dateOfSource, namedContexts } from "../inputs/index.js";
import { type ArgInstruction, type Dockerfile, DockerfileError, type Instruction, type Word } from "../parser/index.js";
import { type BuildGraph, plan } from "../planner/index.js";
import { fetching, planning } from "./reading.js";
import type { GitSource, HttpSource } from "../remote/index.js";
import { checkResolved, CONTEXT_DATE, datedOptions, EPOCH_ARG, type ResolvedOptions } from "./resolved-options.js";

/**
 * The session with the date of its build. `context` is the commit of a repository, or the Last-Modified of a file, else the
 * newest file of an archive; a directory of this machine has none, and leaves the variable unset. The name of a build context, or
 * of a stage that is one ADD of something remote, stands for the date of that.
 * @throws bad_value for another value in the Dockerfile; usage for one on the command line, and for outputs that need a date
 */
export async function withDate(session: BuildSession, loaded: Loaded): Promise<BuildSession> {
  const { options } = session;
  if (options.epoch !== undefined) {
    checkResolved(options);
    return session;
  }
  const dated = datedOptions(options, (await dateOf(session, loaded)) ?? dateOfVerified(options));
  checkResolved(dated);
  return { ...session, options: dated };
}

/** What is built twice has one date. */
function dateOfVerified({ verifyReproducible }: ResolvedOptions): number | undefined {
  return verifyReproducible ? Math.floor(Date.now() / 1000) : undefined;
}

/** Seconds since the epoch. */
async function dateOf(session: BuildSession, loaded: Loaded): Promise<number | undefined> {
  const given = session.options.buildArgs[EPOCH_ARG];
  const declared = given === undefined ? defaultOf(loaded.tree) : undefined;
  const value = given ?? declared?.text ?? "";
  if (value === CONTEXT_DATE) return loaded.origin?.date();
  if (value === "") return undefined;
  if (/^\d{1,11}$/.test(value)) return Number(value);
  const source = sourceOfContext(value, session, loaded) ?? (await sourceOfStage(value, session, loaded));
  if (source === undefined) throw badDate(value, declared);
  return source === "none" ? undefined : dateOfSource(source, fetching(session));
}

type Source = HttpSource | GitSource;

/** "none" for a directory of this machine. */
function sourceOfContext(name: string, { options }: BuildSession, { rules }: Loaded): Source | "none" | undefined {
  const contexts = Object.entries(namedContexts(options.buildContexts));
  const context = contexts.find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1];
  if (context?.kind === "directory") return "none";
  return context?.kind === "git" || context?.kind === "http" ? rules.source<Source>(context.source) : undefined;
}

async function sourceOfStage(target: string, session: BuildSession, loaded: Loaded): Promise<Source | undefined> {
  const { tree, rules } = loaded;
  if (!isSourceOnly(linesOf(target, tree))) return undefined;
  const given = planning(session.options, loaded);
  const resolveImage = () => Promise.reject(new Error("a stage from scratch has no base image"));
  const { resolveSource } = rules;
  return sourceIn(await plan(tree, { ...given, target, resolveImage, resolveSource }));
}

/** The instructions of a stage; none when there is no such stage. */
function linesOf(stage: string, { instructions }: Dockerfile): readonly Instruction[] {
  const begin = instructions.findIndex(
    (line) => line.kind === "FROM" && line.as?.name.toLowerCase() === stage.toLowerCase(),
  );
  if (begin < 0) return [];
  const end = instructions.findIndex(({ kind }, position) => kind === "FROM" && position > begin);
  return instructions.slice(begin, end < 0 ? instructions.length : end);
}

function isSourceOnly([from, ...lines]: readonly Instruction[]): boolean {
  const steps = lines.filter(({ kind }) => kind !== "ARG");
  return from?.kind === "FROM" && from.image.text === "scratch" && steps.length === 1 && steps[0]!.kind === "ADD";
}

/** What the only ADD takes from elsewhere. */
function sourceIn({ vertices, target }: BuildGraph): Source | undefined {
  const { op } = vertices[target]!;
  const [source, other] = op.kind === "copy" ? op.sources : [];
  if (other || source?.kind !== "files") return undefined;
  const input = vertices[source.input]!.op;
  return input.kind === "http" || input.kind === "git" ? input.source : undefined;
}

function badDate(value: string, declared: Word | undefined): TsbuildError {
  const message = `expected ${EPOCH_ARG} to be whole seconds since 1970, "${CONTEXT_DATE}", or the name of something remote, found "${value}"`;
  const hint =
    "Give the time of the last commit by --source-date-epoch: $(git log -1 --pretty=%ct); or name a build context of a URL, or a stage that is FROM scratch and one ADD of a URL.";
  if (!declared) return new TsbuildError("usage", message, { hint });
  return new DockerfileError("bad_value", message, declared.span, { hint });
}

/** What an ARG before the first FROM says. */
function defaultOf({ instructions }: Dockerfile): Word | undefined {
  const end = instructions.findIndex(({ kind }) => kind === "FROM");
  const global = instructions.slice(0, end < 0 ? instructions.length : end);
  const args = global.filter((instruction): instruction is ArgInstruction => instruction.kind === "ARG");
  return args.flatMap((instruction) => instruction.args).findLast(({ name }) => name.text === EPOCH_ARG)?.value;
}
