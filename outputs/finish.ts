// What the user changes about an image beside its Dockerfile: layers joined, and parts of the config taken away or added.

import type { Store } from "../cache/index.js";
import type { BlobStore, ImageConfig } from "../oci/index.js";
import type { ImageOrigin } from "../planner/index.js";
import { type AssembledImage, describeConfig } from "./assemble.js";
import { ImageBlobs } from "./image-blobs.js";
import { LayerContents } from "./layers/contents.js";
import { type Squash, squashed, withClampedTimes } from "./layers/images.js";
import type { RewriteOptions } from "./layers/rewrite.js";

export interface ConfigEdits {
  /** Variables that the image is not to have, wherever they came from. @default [] */
  readonly unsetEnv?: readonly string[];
  /** Labels that the image is not to have, unless `labels` of the build sets them. @default [] */
  readonly unsetLabels?: readonly string[];
  /** Leave out what made the image. @default false */
  readonly omitHistory?: boolean;
  /** `os.version` of the image. @default as it is */
  readonly osVersion?: string;
  /** Added to `os.features`; one that ends in "-" is taken away. @default [] */
  readonly osFeatures?: readonly string[];
  /** Labels that are added at last. @default {} */
  readonly addLabels?: Readonly<Record<string, string>>;
}

interface Reading {
  readonly store: Store;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  readonly signal?: AbortSignal;
}

export interface FinishOptions extends ConfigEdits, Reading {
  /** @default no layers are joined */
  readonly squash?: Squash;
}

/** @throws usage when there are no such layers to squash */
export async function finishedImage(image: AssembledImage, options: FinishOptions): Promise<AssembledImage> {
  const joined = options.squash === undefined ? image : await squashedImage(image, options.squash, options);
  const config = withSystem(edited(joined.config, options), options);
  return config === joined.config ? joined : { ...joined, ...describeConfig(config) };
}

/** The image as `rewrite-timestamp` makes it. @param options `epoch` is RFC 3339 */
export function clampedImage(
  image: AssembledImage,
  options: Reading & { readonly epoch?: string },
): Promise<AssembledImage> {
  return withClampedTimes(image, Math.floor(Date.parse(options.epoch!) / 1000), rewriting(image, options));
}

function squashedImage(image: AssembledImage, squash: Squash, options: FinishOptions): Promise<AssembledImage> {
  return squashed(image, squash, rewriting(image, options));
}

function rewriting(image: AssembledImage, { store, openOrigin, signal }: Reading): RewriteOptions {
  const contents = new LayerContents(store, new ImageBlobs(store, image.layers, openOrigin), signal);
  return { store, contents, ...(signal && { signal }) };
}

function edited(image: ImageConfig, edits: ConfigEdits): ImageConfig {
  const { unsetEnv = [], unsetLabels = [], omitHistory = false, addLabels = {} } = edits;
  const { Env, Labels, ...rest } = image.config;
  const isTouched = omitHistory || [unsetEnv, unsetLabels, Object.keys(addLabels)].some((names) => names.length > 0);
  if (!isTouched) return image;
  const env = Env?.filter((variable) => !unsetEnv.includes(variable.split("=", 1)[0]!));
  const kept = Object.entries(Labels ?? {}).filter(([name]) => !unsetLabels.includes(name));
  const labels = Object.entries({ ...Object.fromEntries(kept), ...addLabels });
  const config = {
    ...rest,
    ...(env && env.length > 0 && { Env: env }),
    ...(labels.length > 0 && { Labels: Object.fromEntries(labels.sort(byName)) }),
  };
  return { ...image, config, ...(omitHistory && { history: [] }) };
}

function withSystem(image: ImageConfig, { osVersion, osFeatures = [] }: ConfigEdits): ImageConfig {
  if (osVersion === undefined && osFeatures.length === 0) return image;
  const { "os.version": own, "os.features": ownFeatures = [], ...rest } = image;
  const version = osVersion ?? own;
  const features = osFeatures.reduce(withFeature, ownFeatures);
  return {
    ...rest,
    ...(version !== undefined && { "os.version": version }),
    ...(features.length > 0 && { "os.features": features }),
  };
}

function withFeature(features: readonly string[], asked: string): readonly string[] {
  const name = asked.replace(/-$/, "");
  const others = features.filter((feature) => feature !== name);
  return asked === name ? [...others, name] : others;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
