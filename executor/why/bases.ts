// The image that the root of each step begins with.

import type { ImageOp, Vertex } from "../../planner/index.js";

/** `docker.io/library/node:20@sha256:…`; of an image layout `app@sha256:…`, as the build names it. */
export function nameOfImage({ image }: ImageOp): string {
  const { name, manifest } = image;
  const { registry, repository, tag } = image.reference;
  if (image.origin.kind === "layout") return `${name.replace(/@.*$/, "")}@${manifest.digest}`;
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}@${manifest.digest}`;
}

/** The base image of another build and of this one, with their digests: `docker.io/library/node:20@sha256:…`. */
export interface ImageMove {
  readonly from: string;
  readonly to: string;
}

/** @returns nothing where both are the same image, whatever its name, or one is not known */
export function imageMove(from: string | undefined, to: string | undefined): { readonly image?: ImageMove } {
  if (from === undefined || to === undefined || digestOf(from) === digestOf(to)) return {};
  return { image: { from, to } };
}

function digestOf(image: string): string | undefined {
  return image.split("@").at(-1);
}

/** @returns nothing for what stands on no image */
export function basesOf(vertices: readonly Vertex[]): ReadonlyMap<number, string> {
  const bases = new Map<number, string>();
  for (const { id, op } of vertices) {
    const base = op.kind === "image" ? nameOfImage(op) : "parent" in op ? bases.get(op.parent) : undefined;
    if (base !== undefined) bases.set(id, base);
  }
  return bases;
}
