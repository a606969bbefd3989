// SLSA provenance in its older form, which BuildKit writes by default, and buildx in its metadata file always.
// https://slsa.dev/spec/v0.2/provenance

import type { ProvenanceFacts, ProvenanceOptions } from "./facts.js";
import { BUILD_TYPE, buildConfig, materials, metadata, request, sourceOf } from "./parts.js";

/** The field that BuildKit adds to the format. */
const EXTENSION = "https://mobyproject.org/buildkit@v1#metadata";

export function provenanceContent02(facts: ProvenanceFacts, options: ProvenanceOptions): object {
  const { builder } = facts;
  return {
    builder: { id: builder.id },
    ...invocation(facts, options),
    ...(options.mode === "max" && { buildConfig: buildConfig(facts) }),
    metadata: describedBuild(facts, options),
  };
}

/**
 * What the metadata file of a build has, as buildx trims it: `min` leaves out the steps and the metadata, not the parameters. A
 * builder without a name is left out.
 */
export function provenanceOfMetadataFile(facts: ProvenanceFacts, mode: ProvenanceOptions["mode"]): object {
  const { builder } = facts;
  return {
    ...(builder.id !== "" && { builder: { id: builder.id } }),
    ...invocation(facts, { mode: "max" }),
    ...(mode === "max" && { buildConfig: buildConfig(facts), metadata: describedBuild(facts, { mode }) }),
  };
}

function invocation(facts: ProvenanceFacts, { mode }: ProvenanceOptions): object {
  return {
    buildType: BUILD_TYPE,
    materials: materials(facts),
    invocation: {
      configSource: { ...sourceOf(facts), entryPoint: facts.dockerfile.path },
      parameters: request(facts, mode),
      environment: { platform: facts.builder.platform },
    },
  };
}

function describedBuild(facts: ProvenanceFacts, { mode, reproducible = false }: ProvenanceOptions): object {
  const { times } = facts;
  return {
    ...(times && {
      buildInvocationID: times.invocation,
      buildStartedOn: times.started.toISOString(),
      buildFinishedOn: times.finished.toISOString(),
    }),
    completeness: { parameters: mode === "max", environment: true, materials: false },
    reproducible,
    [EXTENSION]: metadata(facts, mode),
  };
}
