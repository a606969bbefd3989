// What the images of a plan tell the checks: the variables that they set.

import { TsbuildError } from "../errors.js";
import { type Platform, sha256 } from "../oci/index.js";
import type { Dockerfile, Span } from "../parser/index.js";
import type { ResolvedImage, ResolveImage } from "../planner/index.js";

export class KnownImages {
  readonly #resolve: ResolveImage;
  /** By the place that names the image. */
  readonly #variables = new Map<Span, readonly string[]>();

  constructor(resolve: ResolveImage) {
    this.#resolve = resolve;
  }

  /** Resolves an image and remembers what it is. */
  readonly resolve: ResolveImage = async (name, platform, span) => {
    const image = await this.#resolve(name, platform, span);
    const { Env = [] } = image.config.config;
    this.#variables.set(
      span,
      Env.map((variable) => variable.split("=", 1)[0]!),
    );
    return image;
  };

  /** As `resolve`, but of an image that cannot be found only the name is known then. */
  readonly resolveIfHere: ResolveImage = (name, platform, span) =>
    this.resolve(name, platform, span).catch((error: unknown) => {
      if (error instanceof TsbuildError && error.code === "image_not_found") return unknownImage(name, platform);
      throw error;
    });

  /** The names of the variables that the image of a FROM sets, by the image as it is written. */
  variablesIn({ instructions }: Dockerfile): (image: string) => readonly string[] | undefined {
    const known = new Map<string, readonly string[]>();
    for (const instruction of instructions) {
      const variables = instruction.kind === "FROM" && this.#variables.get(instruction.image.span);
      if (variables) known.set(instruction.image.text, variables);
    }
    return (image) => known.get(image);
  }
}

/** Stands for an image in a plan that is never executed. */
export function unknownImage(name: string, platform: Platform): ResolvedImage {
  return {
    reference: { registry: "unknown", repository: name },
    name,
    manifest: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: sha256(name), size: 0 },
    config: { ...platform, config: {}, rootfs: { type: "layers", diff_ids: [] }, history: [] },
    layers: [],
    origin: { kind: "store" },
  };
}
