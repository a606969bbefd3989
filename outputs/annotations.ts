// Annotations: what is said of an image beside its config, on each level where OCI has a place for it.
// https://github.com/opencontainers/image-spec/blob/main/annotations.md
// https://docs.docker.com/build/metadata/annotations/#specify-annotation-level

import { TsbuildError } from "../errors.js";
import { formatPlatform, parsePlatform, type Platform } from "../oci/index.js";

export type AnnotationLevel = "manifest" | "index" | "manifest-descriptor" | "index-descriptor";

export interface Annotation {
  /** @default "manifest" */
  readonly level?: AnnotationLevel;
  /** `os/architecture[/variant]`: the only platform that it is for, of manifests and their descriptors. @default all */
  readonly platform?: string;
  readonly key: string;
  readonly value: string;
}

/** When the same key is given twice, the later one holds; one for a platform holds over one for all. */
export function annotationsOf(
  annotations: readonly Annotation[],
  level: AnnotationLevel,
  platform?: Platform,
): { readonly annotations?: Readonly<Record<string, string>> } {
  const wanted = annotations.filter(({ level: own = "manifest" }) => own === level);
  const forAll = wanted.filter((annotation) => annotation.platform === undefined);
  const forOne = wanted.filter((annotation) => platform !== undefined && isFor(annotation, platform));
  const pairs = [...forAll, ...forOne].map(({ key, value }) => [key, value] as const);
  return pairs.length === 0 ? {} : { annotations: Object.fromEntries(pairs) };
}

/** @throws usage for what is for no image of these platforms; bad_platform */
export function checkAnnotations(annotations: readonly Annotation[], platforms: readonly Platform[]): void {
  for (const annotation of annotations) {
    const { platform, key } = annotation;
    if (key === "")
      throw new TsbuildError("usage", "an annotation needs a key before its value", { hint: "Write KEY=VALUE." });
    if (platform && !platforms.some((built) => isFor(annotation, built)))
      throw new TsbuildError(
        "usage",
        `annotation "${key}" is for ${platform}, and the image is for ${platforms.map(formatPlatform).join(", ")}`,
        { hint: "Name a platform that is built, or leave it out of the annotation." },
      );
  }
}

/** What an output has places for, beside the manifests of images. */
export interface AnnotationPlaces {
  /** An index over the manifests: of several platforms, or of attestations. */
  readonly index: boolean;
  /** A layout, which describes the image in its `index.json`; registries have nothing like it. */
  readonly layout: boolean;
}

/** @throws usage for a level that none of the outputs has a place for */
export function checkLevels(annotations: readonly Annotation[], outputs: readonly AnnotationPlaces[]): void {
  for (const { level = "manifest", key } of annotations) {
    if (outputs.some((output) => hasPlace(level, output))) continue;
    const needsIndex = level.startsWith("index") && !outputs.some(({ index }) => index);
    throw new TsbuildError(
      "usage",
      needsIndex
        ? `annotation "${key}" is for an index, and the image of one platform has none`
        : `annotation "${key}" is for the descriptor of the image, and a registry keeps none`,
      {
        hint: needsIndex
          ? "Leave the level out, to annotate the manifest."
          : "Leave the level out, or write an image layout too: -o type=oci,dest=FILE.",
      },
    );
  }
}

function hasPlace(level: AnnotationLevel, { index, layout }: AnnotationPlaces): boolean {
  if (level === "index") return index;
  if (level === "index-descriptor") return index && layout;
  return level === "manifest" || index || layout;
}

function isFor({ platform }: Annotation, built: Platform): boolean {
  return platform !== undefined && formatPlatform(parsePlatform(platform)) === formatPlatform(built);
}
