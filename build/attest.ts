// What a build says of its images: provenance from its plan and what it fetched, an SBOM from the files of each image.

import { randomUUID } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import {
  imageUrl,
  layoutUrl,
  type Material,
  provenance,
  type ProvenanceFacts,
  provenanceOfMetadataFile,
} from "../attestations/index.js";
import type { BuildSession } from "./session.js";
import type { Results } from "../executor/index.js";
import { type BuildInputs, type InputOrigin, namedContexts } from "../inputs/index.js";
import { type Digest, formatPlatform, hostPlatform, platformOfConfig } from "../oci/index.js";
import type { ResolvedOptions } from "./resolved-options.js";
import type { PlatformImage } from "../outputs/index.js";
import { inputsOf, type PlatformGraph, type ResolvedImage, type Vertex } from "../planner/index.js";
import { type GitSource, redactUrl, workTreeOf } from "../remote/index.js";
import { sbomsOf } from "./sbom.js";
import { version } from "../version.js";

export interface Built {
  readonly graphs: readonly PlatformGraph[];
  readonly results: Results;
  readonly inputs: BuildInputs;
  readonly started: Date;
}

/** The images with what is said of each. */
export async function attested(
  session: BuildSession,
  images: readonly PlatformImage[],
  built: Built,
): Promise<readonly PlatformImage[]> {
  const { options } = session;
  if (!options.provenance && !options.sbom) return images;
  const said: PlatformImage[] = [];
  for (const [position, image] of images.entries()) {
    const graph = built.graphs[position]!;
    const attestations = [
      ...(options.provenance ? [provenance(await factsOf(options, graph, built), options.provenance)] : []),
      ...(options.sbom ? await sbomsOf(session, image, { graph, ...built }) : []),
    ];
    said.push({ ...image, attestations });
  }
  return said;
}

/** How each image was made, by its platform, as `recordProvenance` asks for it. */
export async function recordedProvenance(
  { options }: BuildSession,
  built: Built,
): Promise<Readonly<Record<string, object>>> {
  const { recordProvenance: mode } = options;
  if (!mode) return {};
  const rows = built.graphs.map(
    async (graph) =>
      [formatPlatform(graph.platform), provenanceOfMetadataFile(await factsOf(options, graph, built), mode)] as const,
  );
  return Object.fromEntries(await Promise.all(rows));
}

async function factsOf(
  options: ResolvedOptions,
  graph: PlatformGraph,
  { results, inputs, started }: Built,
): Promise<ProvenanceFacts> {
  const { target, platform, noCache, buildArgs, labels, secrets, ssh, epoch } = options;
  const { context, dockerfile, origin } = inputs;
  const { builderId = "" } = options.provenance || {};
  const vcs = origin ? undefined : await workTreeOf(context.directory);
  return {
    builder: { id: builderId, version, platform: formatPlatform(hostPlatform()) },
    dockerfile: { ...dockerfile, path: portablePath(inputs) },
    noCache,
    buildArgs,
    labels,
    secrets: Object.keys(secrets),
    ssh: Object.keys(ssh),
    materials: materialsOf(graph, results, { origin, layouts: namesOfLayouts(options) }),
    steps: graph.vertices.map(({ name, op, lines }) => ({ name, inputs: inputsOf(op), ...(lines && { lines }) })),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    ...(vcs && { vcs }),
    ...(origin && { source: material(origin.uri, origin) }),
    ...(epoch === undefined && { times: { started, finished: new Date(), invocation: randomUUID() } }),
  };
}

/** The Dockerfile's path from the context, or its name when it is elsewhere: the same from any working directory. */
function portablePath({ context, dockerfile: { file, path } }: BuildInputs): string {
  if (file === undefined) return path;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) return "Dockerfile"; // a pipe has a number for a name
  const below = relative(realPath(context.directory), join(realPath(dirname(file)), basename(file)));
  return below.split(sep)[0] === ".." ? basename(file) : below;
}

/** Without links, unless the directory has gone since the Dockerfile was read. */
function realPath(directory: string): string {
  return existsSync(directory) ? realpathSync(directory) : resolve(directory);
}

interface Sources {
  readonly origin: InputOrigin | undefined;
  /** Image layouts by their directories: the names that the Dockerfile has for them. */
  readonly layouts: ReadonlyMap<string, string>;
}

/** One for several platforms has `::linux/arm64` after its name. */
function namesOfLayouts({ buildContexts }: ResolvedOptions): Map<string, string> {
  const contexts = Object.entries(namedContexts(buildContexts));
  return new Map(
    contexts.flatMap(([name, context]) =>
      context.kind === "layout" ? [[context.directory, name.replace(/::.*/, "")] as const] : [],
    ),
  );
}

/** Each once, in the order of the graph. */
function materialsOf({ vertices }: PlatformGraph, results: Results, { origin, layouts }: Sources): Material[] {
  const found = vertices.flatMap((vertex) => materialOf(vertex, results[vertex.id], layouts) ?? []);
  const all = [...(origin ? [material(origin.uri, origin)] : []), ...found];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function materialOf(
  { op }: Vertex,
  result: Results[number] | undefined,
  layouts: Sources["layouts"],
): Material | undefined {
  if (op.kind === "image") return imageMaterial(op.image, layouts);
  const fetched = result?.kind === "context" ? result.fetched : undefined;
  if (!fetched || (op.kind !== "http" && op.kind !== "git")) return undefined;
  return material(op.kind === "http" ? op.source.url : gitUrl(op.source), fetched);
}

function imageMaterial(image: ResolvedImage, layouts: Sources["layouts"]): Material {
  const { reference, origin } = image;
  const { digest } = image.manifest;
  const platform = platformOfConfig(image.config);
  const name = origin.kind === "layout" ? (layouts.get(origin.directory) ?? basename(origin.directory)) : undefined;
  const uri = name === undefined ? imageUrl(reference, platform) : layoutUrl(name, digest, platform);
  return { uri, digest: { sha256: digest } };
}

function material(uri: string, fetched: { readonly digest: Digest } | { readonly commit: string }): Material {
  const digest = "digest" in fetched ? { sha256: fetched.digest } : { sha1: fetched.commit };
  return { uri: redactUrl(uri), digest };
}

function gitUrl({ remote, ref, subdir }: GitSource): string {
  const place = `${ref ?? ""}${subdir === undefined ? "" : `:${subdir}`}`;
  return place === "" ? remote : `${remote}#${place}`;
}
