// A file behind an http or https URL as a source.
// https://docs.docker.com/reference/dockerfile/#adding-files-from-a-url

import { posix } from "node:path";
import type { Digest } from "../oci/index.js";

export interface HttpSource {
  readonly url: string;
  /** What the file must be: with it, a file that is here already is not asked for again. */
  readonly checksum?: Digest;
}

/** False also for http URLs that cannot be read. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

const UNNAMED = "__unnamed__";

/** The last name of the URL's path; `__unnamed__` where there is none (S-110). */
export function fileNameOf(url: string): string {
  const name = posix.basename(decoded(new URL(url).pathname));
  return name === "" || name === "." || name === ".." || name.includes("\0") ? UNNAMED : name;
}

/** A path with broken escapes is taken as it is written. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
