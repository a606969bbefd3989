// A git repository as a source: `https://host/x.git#ref:subdir`, `git@host:x.git?branch=main&subdir=docs`.
// https://docs.docker.com/build/concepts/context/#git-repositories

import { TsbuildError } from "../errors.js";
import { readQuery } from "./git-query.js";
import { redactUrl } from "./redact.js";

export interface GitSource {
  /** What git fetches from: a URL or `user@host:path`. May carry a user and a password. */
  readonly remote: string;
  /** A branch, a tag, `refs/…`, or all of a commit's hash. @default the remote's HEAD */
  readonly ref?: string;
  /** The beginning of the hash that the commit, or the annotated tag, must have. */
  readonly checksum?: string;
  /** A directory inside, with no slash at either end. @default the root */
  readonly subdir?: string;
  /** Whether `.git` stays; has no effect with `subdir`. @default false */
  readonly keepGitDir?: boolean;
  /** @default true */
  readonly submodules?: boolean;
  /** What the files are dated: when the commit was made, or now. @default "commit" */
  readonly mtime?: "commit" | "checkout";
}

const SCHEME = /^(https?|ssh|git):\/\//i;
const SCP_STYLE = /^[\w.-]+@[\w.-]+:(?!\/\/)/;
const PARTS = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
/** A name that git would take for an option, or cannot be one. */
const BAD_REF = /^-|[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/;

export interface ParseGitOptions {
  /** Whether `github.com/owner/name` without a scheme counts. @default false */
  readonly bare?: boolean;
}

/**
 * Undefined for what is no git repository: any other path, and http URLs whose path does not end in `.git`.
 * @throws bad_git_source for one whose ref, subdirectory or query cannot be
 */
export function parseGitSource(text: string, { bare = false }: ParseGitOptions = {}): GitSource | undefined {
  const whole = bare && text.startsWith("github.com/") ? `https://${text}` : text;
  const [, remote = "", query = "", fragment = ""] = PARTS.exec(whole) ?? [];
  if (!isRemote(remote, whole !== text)) return undefined;
  const [ref = "", subdir = ""] = cut(fragment, ":");
  const named = { ...(ref !== "" && { ref }), ...(subdir !== "" && { subdir }) };
  const source = { remote, ...readQuery(query, named, redactUrl(text)) };
  return checked(source, text);
}

function isRemote(remote: string, isBare: boolean): boolean {
  if (SCP_STYLE.test(remote)) return true;
  const [, scheme = ""] = SCHEME.exec(remote) ?? [];
  if (scheme === "" || !URL.canParse(remote)) return false;
  return isBare || !scheme.toLowerCase().startsWith("http") || remote.endsWith(".git");
}

function checked(source: GitSource, text: string): GitSource {
  const { ref, subdir, ...rest } = source;
  if (ref !== undefined && BAD_REF.test(ref))
    throw bad(text, `expected the name of a branch, a tag or a commit, found "${ref}"`);
  const path = subdir === undefined ? "" : canonical(subdir);
  if (path === undefined) throw bad(text, `expected a directory inside the repository, found "${subdir}"`);
  return { ...rest, ...(ref !== undefined && { ref }), ...(path !== "" && { subdir: path }) };
}

/** Undefined for a path that leads out. */
function canonical(path: string): string | undefined {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === ".." && names.pop() === undefined) return undefined;
    if (name !== ".." && name !== "." && name !== "") names.push(name);
  }
  return names.join("/");
}

function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function bad(text: string, message: string): TsbuildError {
  return new TsbuildError("bad_git_source", `"${redactUrl(text)}": ${message}`, {
    hint: "Write the repository as URL#REF:DIRECTORY, or URL?ref=REF&subdir=DIRECTORY.",
  });
}
