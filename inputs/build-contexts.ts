// The build context, and named contexts as `--build-context NAME=VALUE` gives them.
// https://docs.docker.com/reference/cli/docker/buildx/build/#build-context

import { realpathSync, statSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { type DirectoryContext, type NamedContext, readIgnoreFile } from "../planner/index.js";
import { isHttpUrl, parseGitSource, redactUrl } from "../remote/index.js";
import { splitLayout } from "./resolve-image.js";

/** A directory with the rules of its .dockerignore. @throws context_not_found */
export function directoryContext(directory: string, dockerfile?: string): DirectoryContext {
  checkDirectory(directory);
  return { directory: realpathSync(directory), ignore: readIgnoreFile(directory, dockerfile) };
}

/** @throws context_not_found */
export function checkDirectory(path: string): void {
  if (!isDirectory(path)) throw notADirectory(path);
}

/** Node throws for a path below a file, whatever it is asked to do. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}

export function namedContexts(given: Readonly<Record<string, string>>): Record<string, NamedContext> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, namedContext(name, value)]));
}

function namedContext(name: string, value: string): NamedContext {
  if (value.startsWith("docker-image://")) return { kind: "image", reference: value.slice("docker-image://".length) };
  if (value.startsWith("oci-layout://")) return layoutContext(value.slice("oci-layout://".length));
  const git = parseGitSource(value);
  if (git) return { kind: "git", source: git };
  if (isHttpUrl(value)) return { kind: "http", source: { url: value } };
  if (/^\w[\w+.-]*:\/\//.test(value)) throw unknownScheme(name, value);
  return { kind: "directory", ...directoryContext(value) };
}

function unknownScheme(name: string, value: string): TsbuildError {
  return new TsbuildError(
    "bad_context",
    `build context "${name}": expected a directory or a URL of a known kind, found "${redactUrl(value)}"`,
    {
      hint: "Use a directory, https://…, git://…, docker-image://REFERENCE or oci-layout://DIRECTORY.",
    },
  );
}

function layoutContext(value: string): NamedContext {
  const { directory, reference } = splitLayout(value);
  checkDirectory(directory);
  return { kind: "layout", directory: realpathSync(directory), ...(reference !== undefined && { reference }) };
}

function notADirectory(path: string): TsbuildError {
  const hint = 'Give the directory that holds the files to copy, usually ".".';
  const found = statSync(path, { throwIfNoEntry: false }) ? "is not a directory" : "does not exist";
  return new TsbuildError("context_not_found", `build context "${path}" ${found}`, { hint });
}
