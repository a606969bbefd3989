// Dockerfile → image, on one screen: parse, plan, execute, then copy to each output.

import { executeGraph, load, planBuild, writeOutputs } from "./build-phases.js";
import { begin } from "./build-session.js";
import { type Descriptor, type Digest, formatReference, type ImageConfig } from "./oci/index.js";
import type { BuildOptions } from "./options.js";
import { assemble } from "./outputs/index.js";

export interface BuildResult {
  /** The manifest, as the last output has it. */
  readonly descriptor: Descriptor;
  /** The digest of the image config: the same whatever the compression of the layers (S-178). */
  readonly imageId: Digest;
  readonly config: ImageConfig;
  /** The tags, in full: `docker.io/library/app:1`. */
  readonly names: readonly string[];
}

/** @throws TsbuildError; DockerfileError and StepError say where in the Dockerfile */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const session = begin(options);
  try {
    const loaded = await load(session);
    const graph = await planBuild(session, loaded);
    const results = await executeGraph(session, graph, loaded);

    const image = assemble(graph, results, session.options.epoch);
    const descriptor = await writeOutputs(session, graph, image);

    const names = session.options.references.map(formatReference);
    return { descriptor, imageId: image.configDescriptor.digest, config: image.config, names };
  } catch (error) {
    throw session.error(error);
  } finally {
    await session.end();
  }
}
