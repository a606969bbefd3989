// What of this machine a build reads: the Dockerfile, and of its contexts what some instruction names.

import { lstatSync } from "node:fs";
import { posix, resolve } from "node:path";
import {
  type BuildGraph,
  hasWildcard,
  IgnoreMatcher,
  type IgnoreRules,
  inputsOf,
  matchPattern,
  type Vertex,
} from "../planner/index.js";

/** A directory, and the paths in it that count. */
export interface ReadDirectory {
  readonly directory: string;
  /** Relative to the directory, as COPY has them: a path, or a pattern. "" is all of it. */
  readonly paths: readonly string[];
  readonly ignore: IgnoreRules;
}

export interface BuildReads {
  /** Absolute. They count whether they are there or not. */
  readonly files: readonly string[];
  readonly directories: readonly ReadDirectory[];
}

/** @param files those that are read beside the contexts: the Dockerfile, its ignore file */
export function readsOf(graphs: readonly BuildGraph[], files: readonly string[]): BuildReads {
  const vertices = graphs[0]?.vertices ?? [];
  const directories = vertices.flatMap(({ id, op }): ReadDirectory[] => {
    if (op.kind !== "context") return [];
    const directory = resolve(op.directory);
    const paths = vertices.flatMap((vertex) => pathsRead(vertex, id)).map(cleaned);
    return [{ directory, ignore: op.ignore, paths: [...new Set(paths)].map((path) => lasting(directory, path)) }];
  });
  return { files: files.map((file) => resolve(file)), directories };
}

/** What a vertex reads of another one that is a context. */
function pathsRead({ op }: Vertex, context: number): string[] {
  if (!inputsOf(op).includes(context)) return [];
  if (op.kind === "copy")
    return op.sources.flatMap((source) => (source.kind === "files" && source.input === context ? [source.path] : []));
  if (op.kind !== "run") return [""];
  return op.mounts.flatMap((mount) => ("input" in mount && mount.input === context ? [mount.source] : []));
}

/** Names between slashes; nothing leads out of a context. */
function cleaned(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/|\/$/g, "");
}

/** Where a link leads is anybody's guess later on: behind one, all of the context counts. */
function lasting(directory: string, path: string): string {
  const names = path.split("/");
  for (let count = 1; count <= names.length; count++) {
    const above = names.slice(0, count).join("/");
    if (hasWildcard(above)) return path;
    if (lstatSync(`${directory}/${above}`, { throwIfNoEntry: false })?.isSymbolicLink()) return "";
  }
  return path;
}

/** Judges paths of a directory. */
export class ReadFilter {
  readonly #paths: readonly (readonly string[])[];
  readonly #ignore: IgnoreMatcher;

  constructor({ paths, ignore }: ReadDirectory) {
    this.#paths = paths.map((path) => (path === "" ? [] : path.split("/")));
    this.#ignore = new IgnoreMatcher(ignore);
  }

  /** Whether a change of the path may change what the build reads. */
  reads(path: string): boolean {
    return this.#isNamed(path) && !this.#ignore.matches(path);
  }

  /** Whether something below the directory may be read. */
  mayReadBelow(path: string): boolean {
    return path === "" || (this.#isNamed(path) && !this.#ignore.canPrune(path));
  }

  /** What is above a path that is read, and what is below it, belongs to it. */
  #isNamed(path: string): boolean {
    const names = path.split("/");
    return this.#paths.some((pattern) =>
      pattern.every((part, position) => position >= names.length || matchPattern(part, names[position]!)),
    );
  }
}
