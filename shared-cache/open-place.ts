// Opens the places of caches by what users say of them. Code of the network is loaded at the first use.

import { statSync } from "node:fs";
import { Layout } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  formatReference,
  type ImageStore,
  isDigest,
  isTag,
  MediaType,
  parseReference,
  type Platform,
  type Reference,
} from "../oci/index.js";
import type { CachePlace } from "./place.js";
import { ImageStoreCache } from "./places/image-store.js";
import { LazyPlace } from "./places/lazy.js";
import { s3Name } from "./s3-name.js";
import type { CacheSource, GithubCache, LocalCache, RegistryCache } from "./spec.js";

export interface OpenPlaceOptions {
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  readonly env: NodeJS.ProcessEnv;
  /** Which image of an index has an inline cache. @default this machine's */
  readonly platform?: Platform;
}

/** Nothing is asked for yet. @throws bad_reference, usage */
export function openPlace(source: CacheSource, options: OpenPlaceOptions): CachePlace {
  switch (source.type) {
    case "registry":
      return registryPlace(source, options);
    case "local":
      return localPlace(source, options);
    case "s3":
      return new LazyPlace({
        name: s3Name(source),
        scope: "",
        open: async () => (await import("./places/s3/cache.js")).openS3(source, options.env),
      });
    case "gha":
      return githubPlace(source, options);
  }
}

function githubPlace(source: GithubCache, { env }: OpenPlaceOptions): CachePlace {
  const { scope = "tsbuild" } = source;
  const open = async () => (await import("./places/gha/cache.js")).openGithub({ ...source, scope }, env);
  return new LazyPlace({ name: `gha ${scope}`, scope, open });
}

function registryPlace({ ref, scope = "" }: RegistryCache, options: OpenPlaceOptions): CachePlace {
  const given = parseReference(ref);
  const reference = scope === "" ? given : scoped(given, scope);
  const name = `registry ${formatReference(reference)}`;
  const open = async () => {
    const store = await options.openRepository(reference);
    const tag = reference.digest ?? reference.tag!;
    return new ImageStoreCache({ name, store, tag, scope, reference, ...platformOf(options) });
  };
  return new LazyPlace({ name, scope, reference, open });
}

function scoped(reference: Reference, scope: string): Reference {
  const tag = `${reference.tag ?? ""}-${scope}`;
  if (reference.digest !== undefined)
    throw new TsbuildError("usage", "a scope belongs to a tag, found a digest", { hint: "Leave out scope=." });
  if (isTag(tag)) return { ...reference, tag };
  throw new TsbuildError("usage", `expected a scope of letters, digits, ".", "_" and "-", found "${scope}"`);
}

function localPlace({ directory, tag, digest, scope = "" }: LocalCache, options: OpenPlaceOptions): CachePlace {
  if (digest !== undefined && !isDigest(digest))
    throw new TsbuildError("usage", `expected a digest "sha256:…", found "${digest}"`);
  const reference = digest ?? `${tag ?? "latest"}${scope === "" ? "" : `-${scope}`}`;
  const name = `local ${directory}:${reference}`;
  const open = async () => {
    const layout = new Layout(directory);
    const store: ImageStore = {
      has: (blob) => layout.has(blob),
      open: (blob) => layout.open(blob),
      put: (blob, content, put) => Layout.create(directory).put(blob, content, put),
      resolve: async (one) => (await layout.resolve(one)) ?? unnamed(layout, one),
      putManifest: (manifest, bytes, one) => Layout.create(directory).putManifest(manifest, bytes, one),
    };
    return new ImageStoreCache({ name, store, tag: reference, scope, ...platformOf(options) });
  };
  return new LazyPlace({ name, scope, open });
}

/** A manifest that is asked for by its digest may have lost its name to a newer one. */
function unnamed(layout: Layout, digest: string): Descriptor | undefined {
  if (!isDigest(digest)) return undefined;
  const size = statSync(layout.blobs.path(digest), { throwIfNoEntry: false })?.size;
  return size === undefined ? undefined : { mediaType: MediaType.manifest, digest, size };
}

function platformOf({ platform }: OpenPlaceOptions): { readonly platform?: Platform } {
  return platform ? { platform } : {};
}
