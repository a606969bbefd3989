// The options of a build with all that they mean when they are not given. Nothing after this has a default of its own.

import { availableParallelism } from "node:os";
import { withBuilderArgs } from "./builder-args.js";
import { TsbuildError } from "../errors.js";
import { defaultHome } from "../inputs/index.js";
import {
  formatPlatform,
  hostPlatform,
  LOCAL_PLATFORM,
  parseReference,
  type Platform,
  type Reference,
} from "../oci/index.js";
import type { BuildOptions } from "./options.js";
import { checkOutputs, insecureRegistries, isPushed, type OutputSpec, writesImage } from "../outputs/index.js";
import { readPlatform } from "../planner/index.js";
import { checkRegistryOptions, type RegistryOptions } from "../registry-options.js";
import { autoCache, expectOwnNames } from "../shared-cache/index.js";

/** What has no value unless it is given: to leave it out has a meaning of its own. */
type Optional =
  | "dockerfile"
  | "target"
  | "platform"
  | "squash"
  | "sourcePolicy"
  | "lockFile"
  | "cacheMax"
  | "cacheTtl"
  | "ociRuntime"
  | "timestamp"
  | "manifest"
  | "format"
  | "osVersion"
  | "onStepFailure"
  | "signBy"
  | keyof RegistryOptions;

/** What other fields say in its place. */
type Replaced = "tags" | "push" | "cache" | "sourceDateEpoch";

/** Every option with its value. */
export interface ResolvedOptions
  extends Pick<BuildOptions, Optional>, Required<Omit<BuildOptions, Optional | Replaced>> {
  /** The tags. */
  readonly references: readonly Reference[];
  /** What the image is for, each once. None: the platform of the base image. */
  readonly platforms: readonly Platform[];
  readonly now: () => number;
  /** SOURCE_DATE_EPOCH as RFC 3339. */
  readonly epoch?: string;
}

const DEFAULTS = {
  context: ".",
  buildArgs: {},
  labels: {},
  annotations: [],
  createdAnnotation: false,
  rewriteTimestamp: false,
  inheritAnnotations: false,
  allPlatforms: false,
  unsetAnnotations: [],
  osFeatures: [],
  verifyReproducible: false,
  unsetEnv: [],
  unsetLabels: [],
  inheritLabels: true,
  omitHistory: false,
  identityLabel: false,
  buildContexts: {},
  locked: false,
  cacheFrom: [],
  cacheTo: [],
  cacheMountsFrom: [],
  cacheMountsTo: [],
  noCache: false,
  noCacheFilter: [],
  pull: "missing",
  network: "default",
  allow: [],
  run: {},
  mounts: [],
  devices: [],
  secrets: {},
  allowSecretInLayer: false,
  ssh: {},
  provenance: false,
  recordProvenance: false,
  sbom: false,
  onReads: () => {},
  onEvent: () => {},
} as const satisfies BuildOptions;

/** @throws bad_reference, bad_platform, usage */
export function withDefaults(given: BuildOptions): ResolvedOptions {
  checkRegistryOptions(given);
  const {
    tags = [],
    push,
    cache,
    sourceDateEpoch: _,
    ...options
  } = withBuilderArgs({ ...DEFAULTS, ...defined(given) });
  const references = tags.map(parseReference);
  const asked = options.outputs ?? (push ? [{ type: "registry" }] : [{ type: "image" }]);
  const outputs = asked.map((output) => inFormat(output, options.format));
  checkCombinations(options, outputs);
  const auto = cache === "auto" ? [autoCache(references[0])] : [];
  const date = askedDate(given);
  const cacheTo = [...options.cacheTo, ...auto.map(({ to }) => to)];
  const resolved: ResolvedOptions = {
    ...options,
    ...(date.text !== undefined && { buildArgs: { ...options.buildArgs, [EPOCH_ARG]: date.text } }),
    references,
    cacheFrom: options.noCache ? [] : [...options.cacheFrom, ...auto.map(({ from }) => from)],
    cacheTo: expectOwnNames(cacheTo, options.cacheMountsTo, references),
    outputs,
    now: Date.now,
    insecureRegistries: [...(options.insecureRegistries ?? []), ...insecureRegistries(outputs, references)],
    home: options.home ?? defaultHome(),
    jobs: jobsOf(options),
    ...(options.verifyReproducible && { noCache: true, rewriteTimestamp: true }),
    ...(options.timestamp !== undefined && { ...datedTo(options.timestamp), rewriteTimestamp: true }),
    ...platformsOf(options.platform),
  };
  checkOutputs(outputs, { ...outputCheck(resolved), epoch: LATER });
  if (options.timestamp !== undefined) return resolved;
  return date.seconds === undefined ? resolved : datedOptions(resolved, date.seconds);
}

function inFormat(output: OutputSpec, format: BuildOptions["format"]): OutputSpec {
  if (format === undefined || !writesImage(output)) return output;
  return { ...output, ociMediaTypes: output.ociMediaTypes ?? format === "oci" };
}

/** What is given as undefined is not given. */
function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function jobsOf({ jobs = Math.max(8, 2 * availableParallelism()) }: BuildOptions): number {
  if (Number.isInteger(jobs) && jobs >= 1) return jobs;
  throw new TsbuildError("usage", `expected a number of jobs from 1 on, found "${jobs}"`, {
    hint: "Give a whole number, or leave out --jobs.",
  });
}

/** @throws usage for what needs an output that is not there */
function checkCombinations(given: BuildOptions, outputs: readonly OutputSpec[]): void {
  const { signBy, provenance, sbom, inheritAnnotations, manifest } = given;
  if (given.allPlatforms && given.platform !== undefined)
    throw new TsbuildError("usage", "all platforms and some are named at once", {
      hint: "Leave --all-platforms or --platform out.",
    });
  if (manifest !== undefined && !outputs.some((output) => output.type === "image" && output.store !== false))
    throw new TsbuildError("usage", "an index of the store is made of images of the store, and no output is there", {
      hint: "Add -o type=image, or leave --manifest out.",
    });
  if (inheritAnnotations && outputs.some((output) => writesImage(output) && output.ociMediaTypes === false))
    throw new TsbuildError("usage", "Docker's media types have no annotations that could be taken over", {
      hint: "Leave --inherit-annotations out, or --format=docker and oci-mediatypes=false.",
    });
  if (signBy !== undefined && !outputs.some(isPushed))
    throw new TsbuildError("usage", "an image is signed in its registry, and nothing is pushed", {
      hint: "Add --push, or sign it later: tsbuild sign.",
    });
  const isKept = outputs.length === 0 || outputs.some(({ type }) => type !== "cacheonly");
  if ((provenance || sbom) && !isKept)
    throw new TsbuildError("usage", "attestations belong to an image or its files, and no output is either", {
      hint: "Leave --provenance and --sbom out, or add -o type=oci,dest=FILE.",
    });
}

/** Where a date may come from the Dockerfile, whether there is one is asked later: see `date.ts`. */
const LATER = "later";

/** @throws usage for outputs that cannot be had together, or not without a date */
export function checkResolved(resolved: ResolvedOptions): void {
  checkOutputs(resolved.outputs, outputCheck(resolved));
}

function outputCheck(resolved: ResolvedOptions) {
  const { references, platforms, annotations, rewriteTimestamp, verifyReproducible, squash, epoch } = resolved;
  return {
    tags: references,
    platforms,
    annotations,
    rewriteTimestamp,
    verifyReproducible,
    squash,
    inlineCache: resolved.cacheTo.some(({ type }) => type === "inline"),
    isAttested: Boolean(resolved.provenance) || resolved.sbom,
    ...(epoch !== undefined && { epoch }),
  };
}

/** @param date seconds since the epoch; undefined for a build without a date, in which the build argument is unset too */
export function datedOptions(options: ResolvedOptions, date: number | undefined): ResolvedOptions {
  const { [EPOCH_ARG]: _, ...others } = options.buildArgs;
  if (date === undefined) return { ...options, buildArgs: others };
  return {
    ...options,
    buildArgs: { ...others, [EPOCH_ARG]: String(date) },
    ...datedTo(date),
  };
}

/** @param date seconds since the epoch */
function datedTo(date: number): Pick<ResolvedOptions, "now" | "epoch"> {
  return { now: () => date * 1000, epoch: new Date(date * 1000).toISOString() };
}

/** What is recorded of the build has the platform of this machine, not the word for it. */
function platformsOf(list: string | undefined): Pick<ResolvedOptions, "platform" | "platforms"> {
  if (list === undefined) return { platforms: [] };
  const words = list.split(",").map((text) => text.trim());
  const named = words.map((text) => (text === LOCAL_PLATFORM ? formatPlatform(hostPlatform()) : text));
  const parsed = named.filter((text) => text !== "").map(readPlatform);
  const platforms = [...new Map(parsed.map((platform) => [formatPlatform(platform), platform])).values()];
  return { platforms, platform: named.join(",") };
}

/** A build argument as well, so that steps can see it: https://docs.docker.com/build/ci/github-actions/reproducible-builds/ */
export const EPOCH_ARG = "SOURCE_DATE_EPOCH";
/** The word for: as old as the build context, where that tells. */
export const CONTEXT_DATE = "context";

interface AskedDate {
  /** Of the build argument. */
  readonly text?: string | undefined;
  /** Since the epoch. Absent where the Dockerfile or a source has to say it. */
  readonly seconds?: number | undefined;
}

/** @throws usage */
function askedDate({ sourceDateEpoch, timestamp, buildArgs = {} }: BuildOptions): AskedDate {
  if (timestamp !== undefined && sourceDateEpoch !== undefined)
    throw new TsbuildError("usage", "a timestamp and SOURCE_DATE_EPOCH are two times for one image", {
      hint: "Leave --timestamp or --source-date-epoch out.",
    });
  if (timestamp !== undefined) return {};
  const text = (sourceDateEpoch ?? buildArgs[EPOCH_ARG] ?? process.env[EPOCH_ARG])?.toString();
  const isLater = text === CONTEXT_DATE || (sourceDateEpoch === undefined && namesSource(buildArgs[EPOCH_ARG]));
  return { text, seconds: isLater ? undefined : epochFrom(text) };
}

/** Whether the value of the build argument can be the name of a stage or of a build context: what that is, is known later. */
function namesSource(value: string | undefined): boolean {
  return value !== undefined && /^[a-z][\w.-]*$/i.test(value);
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function epochFrom(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,11}$/.test(value)) return Number(value);
  throw new TsbuildError("usage", `expected SOURCE_DATE_EPOCH to be whole seconds since 1970, found "${value}"`, {
    hint: "Give seconds, as git log -1 --pretty=%ct prints them.",
  });
}
