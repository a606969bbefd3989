// What is trusted, or not: an image where it is, and the scopes of a policy that it may fall under.
// https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md#supported-transports-and-their-scopes

import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatReference, type Reference } from "../oci/index.js";

export type ImageSource =
  | { readonly transport: "docker"; readonly reference: Reference }
  | { readonly transport: "oci" | "oci-archive" | "dir"; readonly path: string; readonly tag?: string | undefined }
  | { readonly transport: "docker-archive"; readonly path: string };

/** As in messages. */
export function nameOf(source: ImageSource): string {
  return source.transport === "docker" ? formatReference(source.reference) : `${source.transport}:${source.path}`;
}

/** Without tag and digest: `docker.io/library/alpine`. */
export function repositoryOf({ registry, repository }: Pick<Reference, "registry" | "repository">): string {
  return `${registry}/${repository}`;
}

/** The scopes that hold for an image, the most specific one first; the last is the transport's own, which is empty. */
export function scopesOf(source: ImageSource): string[] {
  if (source.transport === "docker") return [...scopesOfReference(source.reference), ""];
  if (source.transport === "docker-archive") return [""];
  const path = realPath(source.path);
  return [...(source.tag === undefined ? [] : [`${path}:${source.tag}`]), ...pathAndParents(path), ""];
}

function scopesOfReference(reference: Reference): string[] {
  const name = repositoryOf(reference);
  const parts = name.split("/");
  const prefixes = parts.map((_, left) => parts.slice(0, parts.length - left).join("/"));
  const labels = reference.registry.replace(/:\d+$/, "").split(".");
  const wildcards = labels.slice(1).map((_, left) => `*.${labels.slice(left + 1).join(".")}`);
  return [formatReference(reference), ...prefixes, ...wildcards];
}

/** A path without symlinks, as scopes are. What is not there is refused by who opens it. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** But for the root. */
function pathAndParents(path: string): string[] {
  return path === "/" ? [] : [path, ...pathAndParents(dirname(path))];
}
