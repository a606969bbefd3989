// The query of a git URL: `?ref=`, `tag`, `branch`, `commit` or `checksum`, `subdir`, `keep-git-dir`, `submodules`, `mtime`.
// https://docs.docker.com/build/concepts/context/#url-queries

import { TsbuildError } from "../errors.js";
import type { GitSource } from "./git-source.js";

type Named = Pick<GitSource, "ref" | "subdir">;

const SWITCHES = ["keep-git-dir", "submodules"];
const KEYS = ["ref", "tag", "branch", "commit", "checksum", "subdir", "mtime", ...SWITCHES];
const TRUE = ["", "1", "t", "T", "true", "TRUE", "True"];
const FALSE = ["0", "f", "F", "false", "FALSE", "False"];
const COMMIT = /^[0-9a-f]{4,64}$/i;

/**
 * @param named what the fragment says; the query must not say otherwise
 * @param url names the source in messages
 * @throws bad_git_source
 */
export function readQuery(query: string, named: Named, url: string): Omit<GitSource, "remote"> {
  if (query === "") return named;
  const values = valuesOf(query, url);
  const checksum = same("commit", [values.get("checksum"), values.get("commit")], url)?.toLowerCase();
  if (checksum !== undefined && !COMMIT.test(checksum)) throw bad(url, `expected a commit's hash, found "${checksum}"`);
  const ref = same(
    "ref",
    [
      named.ref,
      values.get("ref"),
      prefixed("refs/tags/", values.get("tag")),
      prefixed("refs/heads/", values.get("branch")),
    ],
    url,
  );
  const subdir = same("subdir", [named.subdir, values.get("subdir")], url);
  const mtime = mtimeOf(values.get("mtime"), url);
  const [keepGitDir, submodules] = SWITCHES.map((key) => switchOf(key, values.get(key), url));
  return {
    ...defined("ref", ref ?? wholeHash(checksum)),
    ...defined("checksum", checksum),
    ...defined("subdir", subdir),
    ...defined("mtime", mtime),
    ...defined("keepGitDir", keepGitDir),
    ...defined("submodules", submodules),
  };
}

function valuesOf(query: string, url: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    if (!KEYS.includes(key)) throw bad(url, `expected a query of ${KEYS.join(", ")}, found "${key}"`);
    if (values.has(key)) throw bad(url, `the query "${key}" is given twice`);
    if (value === "" && !SWITCHES.includes(key)) throw bad(url, `the query "${key}" has no value`);
    values.set(key, value);
  }
  return values;
}

/** The value that all who give one agree on. */
function same(what: string, given: readonly (string | undefined)[], url: string): string | undefined {
  const [first, ...others] = new Set(given.filter((value) => value !== undefined));
  if (others.length > 0) throw bad(url, `the ${what} is "${first}" and "${others[0]}" at once`);
  return first;
}

function prefixed(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : `${prefix}${name}`;
}

/** A whole hash says by itself what to fetch; the beginning of one can only be compared. */
function wholeHash(checksum: string | undefined): string | undefined {
  return checksum?.length === 40 || checksum?.length === 64 ? checksum : undefined;
}

function mtimeOf(value: string | undefined, url: string): GitSource["mtime"] {
  if (value === undefined || value === "commit" || value === "checkout") return value;
  throw bad(url, `expected mtime to be commit or checkout, found "${value}"`);
}

function switchOf(key: string, value: string | undefined, url: string): boolean | undefined {
  if (value === undefined) return undefined;
  if (TRUE.includes(value)) return true;
  if (FALSE.includes(value)) return false;
  throw bad(url, `expected ${key} to be true or false, found "${value}"`);
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

function bad(url: string, message: string): TsbuildError {
  return new TsbuildError("bad_git_source", `"${url}": ${message}`, {
    hint: "Write the repository as URL?ref=REF&subdir=DIRECTORY.",
  });
}
