// Files behind URLs: kept in the store as blobs, asked for again by their validators (S-111).

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DownloadFact, type Store, storeError } from "../cache/index.js";
import { type Digest, hexOf, sha256 } from "../oci/index.js";
import { download, type HttpSource } from "../remote/index.js";
import { type FetchOptions, type FetchProgress, inScratch } from "./fetch.js";

export interface FetchedFile {
  /** Where the bytes are. Nobody writes there. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** Seconds since the epoch: what the server says, else 0 (S-110). */
  readonly mtime: number;
  /** True when nothing was downloaded. */
  readonly cached: boolean;
}

/** @throws bad_http_source, unauthorized, checksum_mismatch, source_unreachable, interrupted */
export async function fetchHttp(
  source: HttpSource,
  { signal, ...options }: FetchOptions & FetchProgress,
): Promise<FetchedFile> {
  const { store } = options;
  const pinned = source.checksum && kept(store, hexOf(source.checksum));
  if (pinned) return fetched(store, pinned, true);
  const key = urlKey(source);
  const known = kept(store, key);
  return inScratch(store, "download", async (directory) => {
    const to = join(directory, "file");
    const { secrets, onProgress } = options;
    const network = await options.network();
    const downloading = download(source, {
      network,
      secret: secrets.value,
      to,
      ...(known && { known }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    const file = await downloading.catch((error: unknown) => {
      throw storeError(error, to);
    });
    const isNew = existsSync(to);
    if (isNew) store.blobs.adopt(to, file.digest);
    for (const name of [key, hexOf(file.digest)]) store.downloads.put(name, file);
    return fetched(store, file, !isNew);
  });
}

/** What was downloaded under a name, if its bytes are still here. */
function kept(store: Store, key: string): DownloadFact | undefined {
  const fact = store.downloads.use(key);
  return fact && store.blobs.hasSync(fact) ? fact : undefined;
}

function urlKey({ url }: HttpSource): string {
  const { href } = new URL(url);
  return hexOf(sha256(href.replace(/#.*/s, "")));
}

function fetched(store: Store, { digest, size, lastModified }: DownloadFact, cached: boolean): FetchedFile {
  const time = lastModified === undefined ? Number.NaN : Date.parse(lastModified);
  return {
    path: store.blobs.path(digest),
    digest,
    size,
    mtime: Number.isNaN(time) ? 0 : Math.floor(time / 1000),
    cached,
  };
}
