// A cache in GitHub Actions. An entry is never changed, so each index is an entry of its own, and the newest counts.

import { randomUUID } from "node:crypto";
import { type Descriptor, hexOf, sha256 } from "../../../oci/index.js";
import type { CachePlace, PlaceEnvironment } from "../../place.js";
import type { GithubCache } from "../../spec.js";
import type { CacheAnswer } from "../http.js";
import { objectCache, type ObjectStore } from "../objects.js";
import { GithubService } from "./service.js";
import { githubSettings } from "./settings.js";

/** @throws usage outside of GitHub Actions */
export function openGithub(
  options: GithubCache & { readonly scope: string },
  { env, signal }: PlaceEnvironment,
): CachePlace {
  const { scope } = options;
  const service = new GithubService({ ...githubSettings(options, env), environment: env, signal });
  return objectCache(githubObjects(service, scope), scope);
}

function githubObjects(service: GithubService, scope: string): ObjectStore {
  const indexKey = `tsbuild-index-${hexOf(sha256(scope)).slice(0, 16)}-`; // no scope is the beginning of another's key
  const get = async (key: string, options: { readonly signal?: AbortSignal }): Promise<CacheAnswer | undefined> => {
    const url = await service.find(key, options);
    return url && service.get(url, options);
  };
  return {
    name: `gha ${scope}`,
    has: async (blob) => (await service.find(blobKey(blob))) !== undefined,
    get: (blob, options) => get(blobKey(blob), options),
    put: (blob, body, options) => service.put(blobKey(blob), body, options),
    getIndex: (options) => get(indexKey, options),
    putIndex: (bytes, options) => service.put(`${indexKey}${randomUUID()}`, bytes, options),
  };
}

function blobKey({ digest }: Descriptor): string {
  return `tsbuild-blob-${digest}`;
}
