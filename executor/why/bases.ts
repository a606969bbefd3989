// The image that the root of each step begins with.

import type { ImageOp, Vertex } from "../../planner/index.js";

/** `docker.io/library/node:20@sha256:…`; of an image layout `app@sha256:…`, as the build names it. */
export function nameOfImage({ image }: ImageOp): string {
  const { name, manifest } = image;
  const { registry, repository, tag } = image.reference;
  if (image.origin.kind === "layout") return `${name.replace(/@.*$/, "")}@${manifest.digest}`;
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}@${manifest.digest}`;
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
