// How an image came to be: SLSA provenance, with the fields that BuildKit's has.
// https://slsa.dev/spec/v1.0/provenance, https://docs.docker.com/build/metadata/attestations/slsa-provenance/

import type { ProvenanceFacts, ProvenanceOptions } from "./facts.js";
import { BUILD_TYPE, buildConfig, materials, metadata, request, sourceOf } from "./parts.js";
import { provenanceContent02 } from "./provenance-02.js";
import { type Predicate, PredicateType } from "./statement.js";

export function provenance(facts: ProvenanceFacts, options: ProvenanceOptions): Predicate {
  const inline = options.inlineOnly ? { inlineOnly: true } : {};
  if (options.version === "v0.2")
    return { type: PredicateType.provenance02, content: provenanceContent02(facts, options), ...inline };
  return { type: PredicateType.provenance, content: provenanceContent(facts, options), ...inline };
}

function provenanceContent(facts: ProvenanceFacts, { mode, reproducible = false }: ProvenanceOptions): object {
  const { builder, times } = facts;
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        configSource: { ...sourceOf(facts), path: facts.dockerfile.path },
        request: request(facts, mode),
      },
      internalParameters: {
        builderPlatform: builder.platform,
        ...(mode === "max" && { buildConfig: buildConfig(facts) }),
      },
      resolvedDependencies: materials(facts),
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
}
