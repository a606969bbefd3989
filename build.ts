// Dockerfile → image, on one screen: parse, plan, execute, then copy to each output.

import { setMaxListeners } from "node:events";
import { Store } from "./cache/index.js";
import { buildWarnings, KnownImages } from "./checks/index.js";
import { chooseRuntime, execute, type FailedStep } from "./executor/index.js";
import { fetcher, imageResolver, namedContexts, openInputs, secretsOf } from "./inputs/index.js";
import type { LayerIndex } from "./filesystem/index.js";
import { type Descriptor, type Digest, formatReference, type ImageConfig } from "./oci/index.js";
import { type BuildOptions, planOptions, withDefaults } from "./options.js";
import { assemble, newLayers, writeOutput } from "./outputs/index.js";
import { parse } from "./parser/index.js";
import { plan } from "./planner/index.js";
import { openPlaces } from "./places.js";
import { reportWork } from "./progress.js";
import { saveFailedStep } from "./replay.js";
import { reporting } from "./reporting.js";
import { refuseSecrets } from "./secrets/index.js";

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
export async function build(userOptions: BuildOptions = {}): Promise<BuildResult> {
  const options = withDefaults(userOptions);
  const secrets = secretsOf(options);
  if (options.signal) setMaxListeners(0, options.signal);
  const store = Store.openAt(options.home);
  const logs = store.newLogs();
  const { emit, error: masked } = reporting(secrets.all(), logs, options.onEvent);
  const places = openPlaces(store, options);
  try {
    const remote = { store, secrets, network: places.openNetwork, ...(options.signal && { signal: options.signal }) };
    const { dockerfile: source, context } = await openInputs(options, { ...remote, emit });
    const dockerfile = await reportWork(
      emit,
      "dockerfile",
      `[internal] load build definition from ${source.path}`,
      async () => parse(source.content, { path: source.path }),
    );
    const named = namedContexts(options.buildContexts ?? {});
    const images = new KnownImages(imageResolver({ store, pull: options.pull, openRepository: places.openRepository }));

    const graph = await plan(dockerfile, {
      ...planOptions(options),
      resolveImage: images.resolve,
      context,
      namedContexts: named,
    });
    for (const warning of buildWarnings(dockerfile, graph, { ...options, context, images }))
      emit({ type: "warning", ...warning });
    const runtime = async () =>
      chooseRuntime(options.ociRuntime === undefined ? {} : { requested: options.ociRuntime });
    const inspectLayer = options.allowSecretInLayer
      ? {}
      : {
          inspectLayer: (tar: string, index: LayerIndex) =>
            refuseSecrets({ config: {}, layers: [{ tar, index: () => index }] }, secrets.all()),
        };
    const scope = [context.directory, source.path, options.platform ?? ""].join(" ");
    const save = (failed: FailedStep) => ({
      ...failed,
      save: (file: string) =>
        saveFailedStep(failed, file, { ...options, graph, store, places, secrets: secrets.all() }),
    });
    const onStepFailure = async (failed: FailedStep) => (masked(failed.error), options.onStepFailure?.(save(failed)));
    const results = await execute(graph, {
      ...options,
      ...inspectLayer,
      onStepFailure,
      settings: options.run ?? {},
      scope,
      store,
      emit,
      runtime,
      secrets,
      fetch: fetcher(remote),
      openOrigin: places.openOrigin,
    });

    const image = assemble(graph, results, options.epoch);
    if (!options.allowSecretInLayer)
      await refuseSecrets({ config: image.config, layers: newLayers(image, graph, store) }, secrets.all());
    const descriptor = await reportWork(emit, "export", "exporting to image", async (report) => {
      let written: Descriptor | undefined;
      for (const output of options.outputs)
        written = await writeOutput(image, output, { ...options, ...places, store, tags: options.references, report });
      return written!;
    });
    return {
      descriptor,
      imageId: image.configDescriptor.digest,
      config: image.config,
      names: options.references.map(formatReference),
    };
  } catch (error) {
    throw masked(error);
  } finally {
    logs.close();
    await places.close();
    store.close();
  }
}
