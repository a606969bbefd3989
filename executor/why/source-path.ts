// Where a file of a COPY's layer came from: users know the paths of their build context, not those of a layer.

import { posix } from "node:path";

export interface CopyPaths {
  /** As the instruction has them: `.`, `src/`, `package*.json`. */
  readonly sources: readonly string[];
  /** Absolute; ends in "/" when a directory was named. */
  readonly destination: string;
  readonly parents: boolean;
}

/**
 * @param path in the layer, without a slash in front
 * @returns the path in the source, or `/path` of the image where several sources could have it, or none
 */
export function sourcePath(path: string, { sources, destination, parents }: CopyPaths): string {
  const inImage = `/${path}`;
  const below = underneath(inImage, destination);
  if (parents) return below === undefined || below === "" ? inImage : below;
  const candidates = new Set(sources.flatMap((source) => candidateOf(source, inImage, below, destination)));
  const exact = [...candidates].filter((candidate) => sources.some((source) => isSame(source, candidate)));
  if (exact.length === 1) return exact[0]!;
  return candidates.size === 1 ? [...candidates][0]! : inImage;
}

/** Relative to the destination; "" for the destination itself. */
function underneath(path: string, destination: string): string | undefined {
  const directory = posix.join(destination, "/");
  if (`${path}/` === directory) return "";
  return path.startsWith(directory) ? path.slice(directory.length) : undefined;
}

function candidateOf(source: string, path: string, below: string | undefined, destination: string): string[] {
  const cleaned = clean(source);
  if (below === "" && !destination.endsWith("/")) return isPattern(cleaned) ? [] : [cleaned || "."];
  if (below === undefined || below === "") return path === destination && !isPattern(cleaned) ? [cleaned] : [];
  if (isPattern(cleaned)) return ofPattern(cleaned, below);
  if (posix.basename(cleaned) === below) return [cleaned];
  return [posix.join(cleaned, below)];
}

/** A file that the last part of a pattern matches; of a directory that matched, the name cannot be told. */
function ofPattern(pattern: string, below: string): string[] {
  const folder = posix.dirname(pattern);
  return isPattern(folder) || below.includes("/") ? [] : [posix.join(folder, below)];
}

function isSame(source: string, candidate: string): boolean {
  return clean(source) === candidate;
}

function clean(source: string): string {
  return posix.join("/", source).replace(/^\/|\/$/g, "");
}

function isPattern(path: string): boolean {
  return /[*?[\\]/.test(path);
}
