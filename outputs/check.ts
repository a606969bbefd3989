// What can be told of outputs before anything is built: nobody waits for a build to learn of a wrong flag.

import { TsbuildError } from "../errors.js";
import type { Platform, Reference } from "../oci/index.js";
import { type Annotation, type AnnotationPlaces, checkAnnotations, checkLevels } from "./annotations.js";
import { formOf, type ImageForm } from "./form.js";
import { namesOf } from "./names.js";
import { type ImageSpec, isPushed, type OutputSpec, writesImage } from "./output.js";
import { refuseToEmpty } from "./rootfs/remove-others.js";

export interface OutputCheck {
  /** Names of the build: for outputs that have none of their own. */
  readonly tags: readonly Reference[];
  readonly platforms: readonly Platform[];
  readonly annotations?: readonly Annotation[];
  /** Whether all images are rewritten. */
  readonly rewriteTimestamp?: boolean;
  /** Whether the image is built twice, with times rewritten. */
  readonly verifyReproducible?: boolean;
  readonly epoch?: string;
  /** Whether the config says which step made which layer. */
  readonly inlineCache?: boolean;
  readonly squash?: unknown;
  /** Whether something is said of each image beside it. */
  readonly isAttested?: boolean;
}

/** @throws usage, unsupported, bad_reference */
export function checkOutputs(outputs: readonly OutputSpec[], check: OutputCheck): void {
  const images = outputs.filter(writesImage);
  if (images.length > 0)
    checkLevels(
      check.annotations ?? [],
      images.map((image) => placesOf(image, check)),
    );
  for (const output of outputs) {
    if (writesImage(output)) checkImage(output, check);
    else if (output.type === "local" && output.mode === "delete") refuseToEmpty(output.dest);
    if (output.type === "docker") refuseIndex(check.platforms.length);
    if ("platformSplit" in output && output.platformSplit === false) refuseMixture(check.platforms.length);
  }
}

function checkImage(output: ImageSpec, { tags, platforms, annotations, ...check }: OutputCheck): void {
  const form = formOf(output, annotations);
  const isRewritten = check.squash !== undefined || (output.rewriteTimestamp ?? check.rewriteTimestamp);
  if (check.isAttested) checkAttestations(output, form);
  if (check.verifyReproducible && output.rewriteTimestamp === false) throw notAsVerified();
  if (check.inlineCache && (isRewritten || form.estargz)) throw otherLayers();
  checkLevels(output.annotations ?? [], [placesOf(output, { platforms, ...check })]);
  // Without a platform the base image says which it is.
  if (platforms.length > 0) checkAnnotations(form.annotations, platforms);
  if (check.epoch === undefined && (output.rewriteTimestamp ?? check.rewriteTimestamp)) throw noEpoch();
  if (namesOf(output, tags).length === 0 && isPushed(output)) throw nameless();
}

function placesOf(
  output: ImageSpec,
  { platforms, isAttested = false }: Pick<OutputCheck, "platforms" | "isAttested">,
): AnnotationPlaces {
  const isOnlyPushed = output.type === "registry" || (output.type === "image" && output.store === false);
  return { index: platforms.length > 1 || isAttested, layout: !isOnlyPushed };
}

/** @throws usage where attestations have no place */
export function checkAttestations({ type }: ImageSpec, { dialect }: ImageForm): void {
  if (type === "docker")
    throw new TsbuildError("usage", "an archive for docker load has no place for attestations", {
      hint: "Use type=oci, or leave --provenance and --sbom out.",
    });
  if (dialect === "docker")
    throw new TsbuildError("usage", "oci-mediatypes=false: Docker's media types have no attestations", {
      hint: "Leave oci-mediatypes=false or --format=docker out, or --provenance and --sbom.",
    });
}

function otherLayers(): TsbuildError {
  return new TsbuildError("usage", "an inline cache is of the layers that steps made, and this image has others", {
    hint: "Use --cache-to type=registry, or leave squash, rewrite-timestamp and estargz out.",
  });
}

function notAsVerified(): TsbuildError {
  return new TsbuildError("usage", "rewrite-timestamp=false: the image that is verified has its times rewritten", {
    hint: "Leave rewrite-timestamp=false out, or --verify-reproducible.",
  });
}

export function noEpoch(): TsbuildError {
  return new TsbuildError("usage", "rewrite-timestamp needs a time to rewrite to", {
    hint: "Set SOURCE_DATE_EPOCH, for example to the time of the last commit: $(git log -1 --pretty=%ct).",
  });
}

export function nameless(): TsbuildError {
  return new TsbuildError("usage", "an image that is pushed needs a name", { hint: "Add -t REGISTRY/REPOSITORY:TAG." });
}

/** @throws unsupported when there are several platforms */
export function refuseIndex(platforms: number): void {
  if (platforms < 2) return;
  throw new TsbuildError("unsupported", "an archive for docker load holds the image of one platform", {
    hint: "Use type=oci, or build one platform.",
  });
}

/** @throws usage when there are several platforms */
export function refuseMixture(platforms: number): void {
  if (platforms < 2) return;
  throw new TsbuildError("usage", "platform-split=false: the files of several platforms would overwrite each other", {
    hint: "Leave platform-split out, or build one platform.",
  });
}
