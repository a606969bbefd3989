// Fetching as the executor asks for it.

import { unpackOnce } from "./archive.js";
import type { FetchOptions, FetchProgress } from "./fetch.js";
import { fetchGit } from "./fetch-git.js";
import { type FetchedFile, fetchHttp } from "./fetch-http.js";
import type { GitSource, HttpSource } from "../remote/index.js";

export type { FetchOptions } from "./fetch.js";

export function fetcher(options: FetchOptions) {
  return {
    http: (source: HttpSource, progress: FetchProgress) => fetchHttp(source, { ...options, ...progress }),
    git: (source: GitSource, progress: FetchProgress) => fetchGit(source, { ...options, ...progress }),
    unpack: (file: FetchedFile, { signal }: FetchProgress) => unpackOnce(options.store, file, signal),
  };
}
