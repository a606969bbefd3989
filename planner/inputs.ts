// The vertices that have no inputs: contexts and images. Each is in the graph once, whoever uses it.

import { DockerfileError, type Span } from "../parser/index.js";
import { redactUrl } from "../remote/index.js";
import type { FilesContext } from "./base.js";
import type { Op, ResolvedImage, Vertex } from "./graph.js";
import { imageName } from "./names.js";
import type { DirectoryContext } from "./options.js";
import type { Planning } from "./state.js";

export function scratchVertex({ vertices }: Planning): number {
  return vertices.share("scratch", () => ({ op: { kind: "scratch" }, name: "FROM scratch" }));
}

/** @throws context_not_found when the build has no context */
export function buildContext(span: Span, planning: Planning): number {
  const { context } = planning.options;
  if (context) return directoryVertex("context", context, "[internal] load build context", planning);
  throw new DockerfileError("context_not_found", "this build has no context to take files from", span, {
    hint: "Give a directory as the build context.",
  });
}

/** The files of a named context. @param span of what names it */
export function namedFiles(name: string, context: FilesContext, span: Span, planning: Planning): number {
  if (context.kind === "directory")
    return directoryVertex(name, context, `[context ${name}] load from client`, planning);
  const url = redactUrl("url" in context.source ? context.source.url : context.source.remote);
  const source = planning.options.resolveSource?.(context.source, span) ?? context.source;
  const op: Op = "url" in source ? { kind: "http", source, name: "context", unpack: true } : { kind: "git", source };
  return planning.vertices.share(`context ${name}`, () => ({ op, name: `[context ${name}] load ${url}` }));
}

/** The vertex of an image. Who uses it first names it, unless the named context `context` does. */
export function imageVertex(
  image: ResolvedImage,
  context: string | undefined,
  planning: Planning,
  describe: (image: string) => Pick<Vertex, "name" | "stage" | "step" | "span" | "lines">,
): number {
  const title = image.origin.kind === "layout" ? "OCI load from client" : imageName(image);
  const name = context === undefined ? {} : { name: `[context ${context}] ${title}` };
  return planning.vertices.share(`image ${image.manifest.digest}`, () => ({
    ...describe(imageName(image)),
    ...name,
    op: { kind: "image", image },
  }));
}

function directoryVertex(
  name: string,
  { directory, ignore }: DirectoryContext,
  title: string,
  { vertices }: Planning,
): number {
  return vertices.share(`directory ${name}`, () => ({ op: { kind: "context", name, directory, ignore }, name: title }));
}
