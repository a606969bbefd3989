// A plan for several platforms: each planned by itself, what is the same in two of them done once.
// https://docs.docker.com/build/building/multi-platform/

import { formatPlatform, normalizePlatform, type Platform, platformOfConfig } from "../oci/index.js";
import type { Dockerfile } from "../parser/index.js";
import type { BuildGraph, PlanWarning, Vertex } from "./graph.js";
import type { PlanOptions } from "./options.js";
import { plan } from "./plan.js";
import { renumberScans } from "./sbom-scans.js";
import { withInputs } from "./vertices.js";

/** The graph of one platform. All graphs of a plan have the same list of vertices, and the same warnings. */
export interface PlatformGraph extends BuildGraph {
  readonly platform: Platform;
}

/**
 * @param platforms at most one of each; none for the platform of the base image
 * @returns a graph for each platform, in their order
 * @throws as `plan`, for the first platform that cannot be planned
 */
export async function planPlatforms(
  dockerfile: Dockerfile,
  platforms: readonly Platform[],
  options: Omit<PlanOptions, "platform">,
): Promise<readonly PlatformGraph[]> {
  if (platforms.length < 2) return [await planOne(dockerfile, platforms[0], options)];
  const namedPlatforms = { ...options, namePlatforms: true };
  const graphs: PlatformGraph[] = [];
  for (const platform of platforms) graphs.push(await planOne(dockerfile, platform, namedPlatforms));
  return joined(graphs);
}

async function planOne(
  dockerfile: Dockerfile,
  platform: Platform | undefined,
  options: PlanOptions,
): Promise<PlatformGraph> {
  const graph = await plan(dockerfile, { ...options, ...(platform && { platform }) });
  return { ...graph, platform: platform ?? normalizePlatform(platformOfConfig(graph.image.config)) };
}

/** One list of vertices for all: a stage that is built on the build platform is built once. */
function joined(graphs: readonly PlatformGraph[]): readonly PlatformGraph[] {
  const vertices: Vertex[] = [];
  const known = new Map<string, number>();
  const targets = graphs.map((graph) => {
    const numbers: number[] = [];
    for (const vertex of graph.vertices) {
      const op = withInputs(vertex.op, (id) => numbers[id]!);
      const key = identity({ ...vertex, op });
      const id =
        known.get(key) ??
        vertices.push({ ...vertex, op, id: vertices.length, platform: formatPlatform(graph.platform) }) - 1;
      known.set(key, id);
      numbers[vertex.id] = id;
    }
    return numbers;
  });
  const warnings = unique(graphs.flatMap((graph) => graph.warnings));
  return graphs.map((graph, position) => renumbered({ ...graph, vertices, warnings }, targets[position]!));
}

/** Equal for vertices that do the same to the same, under the same name. */
function identity({ op, name, noCache }: Vertex): string {
  const content = op.kind === "image" ? [op.image.manifest.digest, op.image.origin] : op;
  return JSON.stringify([name, noCache, content], (key, value) => (key === "span" ? undefined : value));
}

function renumbered(graph: PlatformGraph, numbers: readonly number[]): PlatformGraph {
  const history = graph.image.history.map((entry) =>
    entry.vertex === undefined ? entry : { ...entry, vertex: numbers[entry.vertex]! },
  );
  const scans = graph.scans ? renumberScans(graph.scans, (id) => numbers[id]) : {};
  return { ...graph, target: numbers[graph.target]!, image: { ...graph.image, history }, ...scans };
}

function unique(warnings: readonly PlanWarning[]): readonly PlanWarning[] {
  const found = new Map(warnings.map((warning) => [JSON.stringify([warning.message, warning.span?.line]), warning]));
  return [...found.values()];
}
