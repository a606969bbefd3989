// How an image came to be: SLSA provenance, with the fields that BuildKit's has.
// https://slsa.dev/spec/v1.0/provenance, https://docs.docker.com/build/metadata/attestations/slsa-provenance/

import type { Digest } from "../oci/index.js";
import { hexOf } from "../oci/index.js";
import { type Predicate, PredicateType } from "./statement.js";

/** Something that the build read and did not make. */
export interface Material {
  /** A package URL of an image, the URL of a file, or of a repository with its ref. */
  readonly uri: string;
  readonly digest: { readonly sha256: Digest } | { readonly sha1: string };
}

export interface ProvenanceStep {
  readonly name: string;
  /** Positions of the steps that it reads. */
  readonly inputs: readonly number[];
  readonly lines?: readonly [number, number];
}

export interface ProvenanceFacts {
  readonly builder: { readonly id: string; readonly version: string; readonly platform: string };
  /** Where the Dockerfile and the context are when they are not of this machine. */
  readonly source?: Material;
  /** Its path from the context, or its name when it is elsewhere. */
  readonly dockerfile: { readonly path: string; readonly content: Uint8Array };
  readonly target?: string;
  readonly platform?: string;
  readonly noCache: boolean;
  /** With `mode=max` only. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of secrets and agents that steps may use, never values. */
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly materials: readonly Material[];
  readonly steps: readonly ProvenanceStep[];
  /** The repository that the context is a work tree of. */
  readonly vcs?: { readonly source?: string; readonly revision: string };
  /** Absent when the image must be the same whenever it is built. */
  readonly times?: { readonly started: Date; readonly finished: Date; readonly invocation: string };
}

export interface ProvenanceOptions {
  /** min: what an image was made from. max: the build arguments, the Dockerfile and its steps too. */
  readonly mode: "min" | "max";
  /** The build used nothing that its Dockerfile does not name by digest: the user says so. @default false */
  readonly reproducible?: boolean;
}

/** Explained in docs/formats.md. */
const BUILD_TYPE = "urn:tsbuild:dockerfile:v1";

export function provenance(facts: ProvenanceFacts, { mode, reproducible = false }: ProvenanceOptions): Predicate {
  const { builder, times } = facts;
  const content = {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        configSource: {
          ...(facts.source && { uri: facts.source.uri, digest: digestSet(facts.source) }),
          path: facts.dockerfile.path,
        },
        request: request(facts, mode),
      },
      internalParameters: {
        builderPlatform: builder.platform,
        ...(mode === "max" && { buildConfig: { steps: facts.steps.map(described) } }),
      },
      resolvedDependencies: facts.materials.map((material) => ({ uri: material.uri, digest: digestSet(material) })),
    },
    runDetails: {
      builder: { id: builder.id, version: { tsbuild: builder.version } },
      metadata: {
        ...(times && {
          invocationID: times.invocation,
          startedOn: times.started.toISOString(),
          finishedOn: times.finished.toISOString(),
        }),
        ...(facts.vcs || mode === "max" ? { buildkit_metadata: metadata(facts, mode) } : {}),
        buildkit_completeness: { request: mode === "max", resolvedDependencies: false },
        ...(reproducible && { buildkit_reproducible: true }),
      },
    },
  };
  return { type: PredicateType.provenance, content };
}

/** As `docker buildx build` asks its daemon. Values of arguments and labels may say too much: they are for `max` (S-166). */
function request(facts: ProvenanceFacts, mode: ProvenanceOptions["mode"]): object {
  const { target, platform, noCache, buildArgs, labels, secrets, ssh, source } = facts;
  const isMax = mode === "max";
  const args = {
    ...(isMax && prefixed("build-arg:", buildArgs)),
    ...(isMax && prefixed("label:", labels)),
    ...(noCache && { "no-cache": "" }),
    ...(platform !== undefined && { platform }),
    ...(target !== undefined && { target }),
  };
  return {
    frontend: "dockerfile.v0",
    ...(Object.keys(args).length > 0 && { args }),
    ...(source === undefined && { locals: [{ name: "context" }, { name: "dockerfile" }] }),
    ...(isMax && secrets.length > 0 && { secrets: secrets.map((id) => ({ id, optional: true })) }),
    ...(isMax && ssh.length > 0 && { ssh: ssh.map((id) => ({ id, optional: true })) }),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

function metadata({ vcs, dockerfile, steps }: ProvenanceFacts, mode: ProvenanceOptions["mode"]): object {
  const data = Buffer.from(dockerfile.content).toString("base64");
  return {
    ...(vcs && { vcs: { ...(vcs.source !== undefined && { source: vcs.source }), revision: vcs.revision } }),
    ...(mode === "max" && {
      source: {
        locations: Object.fromEntries(
          steps.flatMap(({ lines }, position) => (lines ? [location(position, lines)] : [])),
        ),
        infos: [{ filename: dockerfile.path, language: "Dockerfile", data }],
      },
    }),
  };
}

function described({ name, inputs }: ProvenanceStep, position: number): object {
  return { id: `step${position}`, name, inputs: inputs.map((input) => `step${input}:0`) };
}

function location(position: number, [first, last]: readonly [number, number]): [string, object] {
  const ranges = [{ start: { line: first }, end: { line: last } }];
  return [`step${position}`, { locations: [{ ranges }] }];
}

function digestSet({ digest }: Material): Record<string, string> {
  return "sha1" in digest ? { sha1: digest.sha1 } : { sha256: hexOf(digest.sha256) };
}
