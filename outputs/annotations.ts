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

/** @throws usage for what has no place in an image of these platforms; bad_platform */
export function checkAnnotations(annotations: readonly Annotation[], platforms: readonly Platform[]): void {
  for (const annotation of annotations) {
    const { level = "manifest", platform, key } = annotation;
    if (key === "") throw new TsbuildError("usage", "an annotation needs a key before its value");
    if (level.startsWith("index") && platforms.length < 2)
      throw new TsbuildError("usage", `annotation "${key}" is for an index, and the image of one platform has none`, {
        hint: "Leave the level out, to annotate the manifest.",
      });
    if (platform && !platforms.some((built) => isFor(annotation, built)))
      throw new TsbuildError(
        "usage",
        `annotation "${key}" is for ${platform}, and the image is for ${platforms.map(formatPlatform).join(", ")}`,
      );
  }
}

function isFor({ platform }: Annotation, built: Platform): boolean {
  return platform !== undefined && formatPlatform(parsePlatform(platform)) === formatPlatform(built);
}
