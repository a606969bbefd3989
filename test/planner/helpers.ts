// Plans a Dockerfile given as text, with images that exist only here.

import type { ContainerConfig, History, Platform } from "../../oci/index.js";
import { formatPlatform, parseReference, sha256 } from "../../oci/index.js";
import { DockerfileError, parse } from "../../parser/index.js";
import { TsbuildError } from "../../errors.js";
import {
  type BuildGraph,
  type CopyOp,
  type Op,
  type PlanOptions,
  type ResolvedImage,
  type RunOp,
  plan,
} from "../../planner/index.js";

export const AMD64: Platform = { os: "linux", architecture: "amd64" };
export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An image with one layer. Its digest depends on its name and platform. */
export function image(
  name: string,
  platform: Platform,
  config: ContainerConfig = { Env: ["PATH=/bin"], Cmd: ["sh"] },
): ResolvedImage {
  const seed = `${name} ${formatPlatform(platform)}`;
  const history: History[] = [{ created: "2024-01-01T00:00:00Z", created_by: "ADD rootfs" }];
  return {
    reference: parseReference(name),
    name,
    manifest: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: sha256(seed), size: 500 },
    config: {
      ...platform,
      created: "2024-01-01T00:00:00Z",
      config,
      rootfs: { type: "layers", diff_ids: [sha256(`layer ${seed}`)] },
      history,
    },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: sha256(`blob ${seed}`), size: 1000 }],
    origin: { kind: "registry", reference: parseReference(name) },
  };
}

export interface TestOptions extends Partial<PlanOptions> {
  /** Configs of images by name; others have the usual one. */
  readonly images?: Readonly<Record<string, ContainerConfig>>;
}

/** Without options the platform is linux/amd64, and there is a context at /src. */
export function planText(text: string, { images = {}, ...options }: TestOptions = {}): Promise<BuildGraph> {
  return plan(parse(text, { path: "Dockerfile" }), {
    resolveImage: async (name, platform) => image(name, platform, images[name]),
    buildPlatform: AMD64,
    context: { directory: "/src", ignore: { patterns: [] } },
    ...options,
  });
}

export function names({ vertices }: BuildGraph): string[] {
  return vertices.map(({ name }) => name);
}

export function history({ image: { history } }: BuildGraph): string[] {
  return history.map(({ created_by }) => created_by);
}

export function ops<Kind extends Op["kind"]>(graph: BuildGraph, kind: Kind): Extract<Op, { kind: Kind }>[] {
  return graph.vertices.map(({ op }) => op).filter((op): op is Extract<Op, { kind: Kind }> => op.kind === kind);
}

export async function runOf(text: string, options?: TestOptions): Promise<RunOp> {
  return ops(await planText(text, options), "run").at(-1)!;
}

export async function copyOf(text: string, options?: TestOptions): Promise<CopyOp> {
  return ops(await planText(text, options), "copy").at(-1)!;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** `LINE:COLUMN text` of what the caret points at. */
  readonly at: string | undefined;
}

/** What a plan fails with. */
export async function failure(text: string, options?: TestOptions): Promise<Failure> {
  const error: unknown = await planText(text, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TsbuildError)) throw error ?? new Error("the plan did not fail");
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    at: error instanceof DockerfileError ? place(error) : undefined,
  };
}

function place({ span: { file, line, column, length } }: DockerfileError): string {
  return `${line}:${column} ${file.lines[line - 1]!.slice(column - 1, column - 1 + length)}`;
}
