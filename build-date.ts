// SOURCE_DATE_EPOCH where the command line does not say it: from the Dockerfile, or from what it is built from.
// https://github.com/moby/buildkit/blob/master/docs/build-repro.md#source_date_epoch

import type { BuildInputs } from "./inputs/index.js";
import { checkResolved, CONTEXT_DATE, datedOptions, EPOCH_ARG, type ResolvedOptions } from "./options.js";
import { type ArgInstruction, type Dockerfile, DockerfileError } from "./parser/index.js";

/**
 * The session with the date of its build. `context` is the commit of a repository, or the Last-Modified of a file, else the
 * newest file of an archive; a directory of this machine has none, and leaves the variable unset.
 * @throws bad_value for another value in the Dockerfile; usage for outputs that need a date
 */
export function withDate<Session extends { readonly options: ResolvedOptions }>(
  session: Session,
  { tree, ...inputs }: BuildInputs & { readonly tree: Dockerfile },
): Session {
  const { options } = session;
  const date = options.epoch === undefined ? dateOf(options, tree, inputs) : undefined;
  const dated = options.epoch === undefined ? { ...session, options: datedOptions(options, date) } : session;
  checkResolved(dated.options);
  return dated;
}

/** Seconds since the epoch. */
function dateOf({ buildArgs = {} }: ResolvedOptions, tree: Dockerfile, inputs: BuildInputs): number | undefined {
  const given = buildArgs[EPOCH_ARG];
  const declared = given === undefined ? defaultOf(tree) : undefined;
  const value = given ?? declared?.text ?? "";
  if (value === CONTEXT_DATE) return inputs.origin?.date();
  if (value === "" || !declared) return undefined;
  if (/^\d{1,11}$/.test(value)) return Number(value);
  throw new DockerfileError(
    "bad_value",
    `expected ${EPOCH_ARG} to be whole seconds since 1970 or "${CONTEXT_DATE}", found "${value}"`,
    declared.span,
    { hint: "Give the time of the last commit by --source-date-epoch: $(git log -1 --pretty=%ct)." },
  );
}

/** What an ARG before the first FROM says. */
function defaultOf({ instructions }: Dockerfile) {
  const end = instructions.findIndex(({ kind }) => kind === "FROM");
  const global = instructions.slice(0, end < 0 ? instructions.length : end);
  const args = global.filter((instruction): instruction is ArgInstruction => instruction.kind === "ARG");
  return args.flatMap((instruction) => instruction.args).findLast(({ name }) => name.text === EPOCH_ARG)?.value;
}
