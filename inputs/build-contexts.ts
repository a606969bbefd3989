// The build context, and named contexts as `--build-context NAME=VALUE` gives them.
// https://docs.docker.com/reference/cli/docker/buildx/build/#build-context

import { realpathSync, statSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { type DirectoryContext, type NamedContext, readIgnoreFile } from "../planner/index.js";
import { splitLayout } from "./resolve-image.js";

/** A directory with the rules of its .dockerignore. @throws context_not_found */
export function directoryContext(directory: string, dockerfile?: string): DirectoryContext {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw notADirectory(directory);
  return { directory: realpathSync(directory), ignore: readIgnoreFile(directory, dockerfile) };
}

export function namedContexts(given: Readonly<Record<string, string>>): Record<string, NamedContext> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, namedContext(name, value)]));
}

function namedContext(name: string, value: string): NamedContext {
  if (value.startsWith("docker-image://")) return { kind: "image", reference: value.slice("docker-image://".length) };
  if (value.startsWith("oci-layout://")) return layoutContext(value.slice("oci-layout://".length));
  const scheme = /^(\w[\w+.-]*):\/\//.exec(value)?.[1];
  if (scheme !== undefined || value.startsWith("git@")) {
    throw new TsbuildError("unsupported", `build context "${name}": "${value}" is not supported by this version`, {
      hint: "Use a directory, docker-image://REFERENCE or oci-layout://DIRECTORY.",
    });
  }
  return { kind: "directory", ...directoryContext(value) };
}

function layoutContext(value: string): NamedContext {
  const { directory, reference } = splitLayout(value);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw notADirectory(directory);
  return { kind: "layout", directory: realpathSync(directory), ...(reference !== undefined && { reference }) };
}

function notADirectory(path: string): TsbuildError {
  const hint = "Give the directory that holds the files to copy, usually \".\".";
  const found = statSync(path, { throwIfNoEntry: false }) ? "is not a directory" : "does not exist";
  return new TsbuildError("context_not_found", `build context "${path}" ${found}`, { hint });
}
