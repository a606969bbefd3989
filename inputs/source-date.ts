// How old what is elsewhere is: a commit, a file as its server says, an archive by the newest file in it.

import type { GitSource, HttpSource } from "../remote/index.js";
import { unpackOnce } from "./archive.js";
import type { FetchOptions } from "./fetch.js";
import { fetchGit } from "./fetch-git.js";
import { fetchHttp } from "./fetch-http.js";
import { newestFile } from "./newest-file.js";

/** Fetches it. @returns seconds since the epoch; undefined when nothing tells. @throws as fetching does */
export async function dateOfSource(source: HttpSource | GitSource, options: FetchOptions): Promise<number | undefined> {
  if (!("url" in source)) return newestFile((await fetchGit(source, options)).directory);
  const file = await fetchHttp(source, options);
  if (file.mtime !== 0) return file.mtime;
  const directory = await unpackOnce(options.store, file, options.signal);
  return directory === undefined ? undefined : newestFile(directory);
}
