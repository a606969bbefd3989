// Dockerfile → image, on one screen: parse, plan, execute, then copy to each output.

import { withAllPlatforms } from "./all-platforms.js";
import { attested, recordedProvenance } from "./attest.js";
import { expectManifestList } from "./manifest-list.js";
import { withDate } from "./date.js";
import { executeGraphs } from "./execution.js";
import { assembleImages, load, planBuild, writeOutputs } from "./phases.js";
import { begin } from "./session.js";
import { type Descriptor, type Digest, formatPlatform, type ImageConfig } from "../oci/index.js";
import type { BuildOptions } from "./options.js";
import { expectEngines, type PlatformImage, writesImage } from "../outputs/index.js";
import { verifyReproducible } from "./reproduce.js";
import { withDefaults } from "./resolved-options.js";

export interface BuildResult {
  /** The manifest, or the index of several platforms, as the last output has it that is pushed; else as the last one of images. */
  readonly descriptor: Descriptor;
  /** The digest of the image config: the same whatever the compression of the layers (S-178). Of several platforms that of the index. */
  readonly imageId: Digest;
  /** Of the first platform. */
  readonly config: ImageConfig;
  /** `os/architecture[/variant]` of each image. */
  readonly platforms: readonly string[];
  /** False when all outputs are of files, or there is none: nobody has seen `descriptor` then. */
  readonly isImage: boolean;
  /** How the image of each platform was made, where `recordProvenance` asks for it. */
  readonly provenance: Readonly<Record<string, object>>;
  /** As `tsbuild builds` has it. */
  readonly id: string;
  /** All names that outputs gave it, in full: `docker.io/library/app:1`. */
  readonly names: readonly string[];
}

/** @throws TsbuildError; DockerfileError and StepError say where in the Dockerfile */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const started = new Date();
  const given = await begin(withDefaults(options));
  try {
    await expectEngines(given.options.outputs, given.options.signal);
    await expectManifestList(given);
    const loaded = await load(given);
    const session = await withAllPlatforms(await withDate(given, loaded), loaded);
    const graphs = await session.repair.run(() => planBuild(session, loaded));
    const { descriptor, images, names, provenance } = await session.retrying(async () => {
      const results = await executeGraphs(session, graphs, loaded);
      await session.caches.settled();
      const built = await assembleImages(session, graphs, results);
      await verifyReproducible(session, loaded, built);
      const facts = { graphs, results, inputs: loaded, started };
      const said = await attested(session, built, facts);
      await session.earlyPush.settled();
      session.repair.check();
      return { ...(await writeOutputs(session, graphs, said)), provenance: await recordedProvenance(session, facts) };
    });
    await session.caches.export();
    await session.mounts.export();

    const [{ image }] = images as [PlatformImage];
    const imageId = images.length === 1 ? image.configDescriptor.digest : descriptor.digest;
    session.recorder.succeeded(imageId, descriptor.digest);
    const platforms = images.map(({ platform }) => formatPlatform(platform));
    return {
      descriptor,
      imageId,
      config: image.config,
      names,
      platforms,
      provenance,
      isImage: session.options.outputs.some(writesImage),
      id: session.recorder.id,
    };
  } catch (error) {
    throw given.fail(error);
  } finally {
    await given.end();
  }
}
