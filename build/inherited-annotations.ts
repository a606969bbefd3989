// Annotations that images take over from the manifests of their base images, as Buildah has it.
// https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md

import { formatPlatform, parseManifest, readBlob } from "../oci/index.js";
import type { Annotation } from "../outputs/index.js";
import { chainOf, type PlatformGraph, type ResolvedImage } from "../planner/index.js";
import type { BuildSession } from "./session.js";

/** None unless `inheritAnnotations` asks for them. @throws what reading a manifest throws */
export async function inheritedAnnotations(
  session: Pick<BuildSession, "options" | "store" | "places">,
  graphs: readonly PlatformGraph[],
): Promise<Annotation[]> {
  if (!session.options.inheritAnnotations) return [];
  const rows = await Promise.all(graphs.map((graph) => annotationsOf(session, graph)));
  return rows.flat();
}

async function annotationsOf(
  session: Pick<BuildSession, "options" | "store" | "places">,
  graph: PlatformGraph,
): Promise<Annotation[]> {
  const base = baseOf(graph);
  if (!base) return [];
  const platform = formatPlatform(graph.platform);
  const own = Object.entries((await manifestOf(session, base)).annotations ?? {});
  const kept = own.filter(([key]) => !session.options.unsetAnnotations.includes(key));
  return kept.map(([key, value]) => ({ key, value, platform }));
}

/** None of an image from scratch. */
function baseOf(graph: PlatformGraph): ResolvedImage | undefined {
  const op = graph.vertices[chainOf(graph).at(-1)!]!.op;
  return op.kind === "image" ? op.image : undefined;
}

async function manifestOf(
  { store, places }: Pick<BuildSession, "store" | "places">,
  { manifest, origin }: ResolvedImage,
) {
  const place = store.blobs.hasSync(manifest) ? store : await places.openOrigin(origin);
  return parseManifest(await readBlob(place, manifest));
}
