// What can be told of a Dockerfile without building it.

import { isUtf8 } from "node:buffer";
import { rewriteFile } from "../cache/index.js";
import {
  checkOf,
  type CheckWarning,
  findWarnings,
  type Fix,
  type FixedText,
  fixText,
  KnownImages,
  listTargets,
  type Outline,
  outlineOf,
  parseWhole,
  planAll,
  type Target,
} from "../checks/index.js";
import { TsbuildError } from "../errors.js";
import { type BuildInputs, imageNotFound, openInputs } from "../inputs/index.js";
import type { BuildOptions } from "./options.js";
import { type Dockerfile, DockerfileError, parse, type SourceFile } from "../parser/index.js";
import { fetching, planning, type Reading, resolver, withReading } from "./reading.js";
import { withDefaults } from "./resolved-options.js";
import { earlyRules, sourceRules } from "./source-rules.js";

export interface CheckResult {
  readonly file: SourceFile;
  /** In file order, without what the file or BUILDKIT_DOCKERFILE_CHECK skips. */
  readonly warnings: readonly CheckWarning[];
  /** What would fail the build, the rest in its `others`. */
  readonly error?: DockerfileError;
}

export interface FixResult extends CheckResult {
  /** What was corrected; `warnings` are those that are left. */
  readonly fixes: readonly Fix[];
}

/** What is read to check a Dockerfile. */
type Checked = BuildInputs & Reading;

/**
 * Checks every stage, or the target and what it needs. Base images are looked for in the store; a registry is asked only with
 * `pull: "always"`.
 * @throws TsbuildError when there is no Dockerfile or no context
 */
export const checkDockerfile = (options: BuildOptions = {}): Promise<CheckResult> => withInputs(options, check);

/**
 * Corrects the Dockerfile where a rule has exactly one safe fix, in place and whole or not at all, then checks it.
 * @throws usage when the Dockerfile is not a file of this machine, syntax when it is not UTF-8, output_failed
 */
export const fixDockerfile = (options: BuildOptions = {}): Promise<FixResult> =>
  withInputs(options, async (inputs) => {
    const { path, file } = inputs.dockerfile;
    if (file === undefined) throw notAFile(path);
    const { text, fixes } = corrected(inputs);
    if (fixes.length > 0) await rewriteFile(file, text);
    return { fixes, ...(await check({ ...inputs, dockerfile: { ...inputs.dockerfile, content: Buffer.from(text) } })) };
  });

/** A file that cannot be parsed is left as it is: its check says why. @throws syntax */
function corrected({ dockerfile: { content, path }, options }: Checked): FixedText {
  if (!isUtf8(content)) throw notText(path);
  const text = Buffer.from(content).toString();
  try {
    return fixText(text, { path, check: checkOf(parse(text, { path }), options.buildArgs) });
  } catch (error) {
    if (error instanceof DockerfileError) return { text, fixes: [] };
    throw error;
  }
}

/** @throws DockerfileError; unknown_stage */
export const outlineDockerfile = (
  options: BuildOptions = {},
): Promise<{ readonly file: SourceFile; readonly outline: Outline }> =>
  withInputs(options, async ({ dockerfile: source, options: { target, buildArgs } }) => {
    const dockerfile = parse(source.content, { path: source.path });
    const given = { ...(target !== undefined && { target }), buildArgs };
    return { file: dockerfile.file, outline: outlineOf(dockerfile, given) };
  });

/** @throws DockerfileError */
export const targetsOfDockerfile = (
  options: BuildOptions = {},
): Promise<{ readonly file: SourceFile; readonly targets: readonly Target[] }> =>
  withInputs(options, async ({ dockerfile: source }) => {
    const dockerfile = parse(source.content, { path: source.path });
    return { file: dockerfile.file, targets: listTargets(dockerfile) };
  });

async function check(inputs: Checked): Promise<CheckResult> {
  const { content, path } = inputs.dockerfile;
  try {
    return await checkTree(await parseWhole(content, { ...planning(inputs.options, inputs), path }), inputs);
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return { file: error.span.file, warnings: [], error };
  }
}

async function checkTree(dockerfile: Dockerfile, inputs: Checked): Promise<CheckResult> {
  const { options, context, places } = inputs;
  const rules = sourceRules(options, inputs);
  const isOnline = options.pull === "always";
  const openRepository = isOnline ? places.openRepository : async () => Promise.reject(imageNotFound("unknown"));
  const images = new KnownImages(rules.resolving(resolver({ ...inputs, places: { ...places, openRepository } })));
  const { resolveSource } = rules;
  const resolveImage = isOnline ? images.resolve : images.resolveIfHere;
  const planned = await planAll(dockerfile, { ...planning(options, inputs), resolveImage, resolveSource });
  const { warnings } = findWarnings(dockerfile, {
    buildArgs: options.buildArgs,
    context,
    baseVariables: images.variablesIn(dockerfile),
    planned: planned.warnings,
  });
  return { file: dockerfile.file, warnings, ...(planned.error && { error: planned.error }) };
}

function withInputs<Value>(given: BuildOptions, work: (inputs: Checked) => Promise<Value>): Promise<Value> {
  return withReading(withDefaults(given), async (reading) => {
    const resolveSource = earlyRules(reading.options).source;
    const inputs = await openInputs(reading.options, { ...fetching(reading), emit: () => {}, resolveSource });
    return work({ ...reading, ...inputs });
  });
}

function notText(path: string): TsbuildError {
  const hint = "Save the file as UTF-8.";
  return new TsbuildError("syntax", `expected UTF-8 text in "${path}" to correct it, found other bytes`, { hint });
}

function notAFile(path: string): TsbuildError {
  const hint = "Name a Dockerfile of this machine with -f, or check without --fix.";
  return new TsbuildError("usage", `expected a file to correct, found "${path}", which is no file of this machine`, {
    hint,
  });
}
