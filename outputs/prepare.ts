// An image in the form that an output wants: times, layers, then manifests over them.

import type { Store } from "../cache/index.js";
import type { Layer } from "../executor/index.js";
import { type Descriptor, type Reference } from "../oci/index.js";
import { type Annotation, annotationsOf, checkAnnotations } from "./annotations.js";
import { type AssembledImage, manifestOf } from "./assemble.js";
import { checkAttestations, noEpoch } from "./check.js";
import { estargzLayer } from "./estargz/write.js";
import { formOf, type ImageForm } from "./form.js";
import type { ImageBlobs } from "./image-blobs.js";
import { compressionIn, layerBlobs } from "./layer-blobs.js";
import { LayerContents } from "./layers/contents.js";
import { withClampedTimes, withLayers } from "./layers/images.js";
import type { ImageSpec } from "./output.js";
import { documentsOf, type PlatformImage, withIndex, type WrittenImage, type WrittenPlatform } from "./platforms.js";

export interface Preparing {
  readonly store: Store;
  readonly source: ImageBlobs;
  /** Annotations of all outputs. @default [] */
  readonly annotations?: readonly Annotation[];
  /** All names of the image. */
  readonly names: readonly Reference[];
  /** SOURCE_DATE_EPOCH as RFC 3339. */
  readonly epoch?: string;
  /** Whether times are rewritten to `epoch` that are older, too. @default false */
  readonly allTimes?: boolean;
  readonly signal?: AbortSignal;
  readonly onCompress: () => void;
}

/** The manifests over the layers in the form that `output` has them; `source` then has all that they name. @throws usage */
export async function preparedImage(
  images: readonly PlatformImage[],
  output: ImageSpec,
  preparing: Preparing,
): Promise<WrittenImage> {
  const form = formOf(output, preparing.annotations);
  if (images.some(({ attestations = [] }) => attestations.length > 0)) checkAttestations(output, form);
  const platforms = images.map(({ platform }) => platform);
  checkAnnotations(form.annotations, platforms);
  const written: WrittenPlatform[] = [];
  for (const one of images) written.push(await preparedPlatform(one, output, form, preparing));
  const attestationForm = output.ociArtifact ? "artifact" : "image";
  const whole = withIndex(written, { ...form, attestationForm, names: preparing.names });
  for (const { descriptor, bytes } of documentsOf(whole)) preparing.source.hold(descriptor, bytes);
  return whole;
}

async function preparedPlatform(
  { platform, image: assembled, ...said }: PlatformImage,
  output: ImageSpec,
  form: ImageForm,
  preparing: Preparing,
): Promise<WrittenPlatform> {
  const { store, source, signal, onCompress, allTimes = false } = preparing;
  const aborting = signal ? { signal } : {};
  const contents = new LayerContents(store, source, signal);
  const dated = output.rewriteTimestamp
    ? await withClampedTimes(assembled, secondsOf(preparing.epoch), { store, contents, allTimes, ...aborting })
    : assembled;
  const image = form.estargz ? await inEstargz(dated, form, { store, contents, ...aborting }) : dated;
  const layers = await layerBlobs(store, image.layers, notTwice(form), { source, onCompress, ...aborting });
  return { ...said, platform, image, layers, manifest: manifest({ platform, image }, layers, form) };
}

function secondsOf(epoch: string | undefined): number {
  if (epoch !== undefined) return Math.floor(Date.parse(epoch) / 1000);
  throw noEpoch();
}

/** Layers that came compressed stay as they are, unless all are forced. */
async function inEstargz(
  image: AssembledImage,
  { force, level }: ImageForm,
  options: Parameters<typeof estargzLayer>[1],
): Promise<AssembledImage> {
  const stays = (layer: Layer) => !force && !["none", undefined].includes(compressionIn(layer));
  const hardness = level === undefined ? {} : { level };
  const layers: Layer[] = [];
  for (const layer of image.layers)
    layers.push(stays(layer) ? layer : await estargzLayer(layer, { ...options, ...hardness }));
  return withLayers(image, layers);
}

/** What is eStargz by now is not compressed anew. */
function notTwice(form: ImageForm): ImageForm {
  return form.estargz ? { ...form, force: false } : form;
}

function manifest({ platform, image }: PlatformImage, layers: readonly Descriptor[], form: ImageForm) {
  const own = annotationsOf(form.annotations, "manifest-descriptor", platform).annotations;
  return manifestOf(image, layers, {
    dialect: form.dialect,
    ...annotationsOf(form.annotations, "manifest", platform),
    ...(own && { ownAnnotations: own }),
  });
}
