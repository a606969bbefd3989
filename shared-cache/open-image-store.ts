// Registries and image layouts that hold caches, with the tag that a scope has there.

import { statSync } from "node:fs";
import { resolve } from "node:path";
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
  type Reference,
} from "../oci/index.js";
import type { LocalCache, RegistryCache } from "./spec.js";

export interface OpenImageStoreOptions {
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
}

export interface TaggedStore {
  /** `registry localhost:5000/app:cache` */
  readonly name: string;
  readonly scope: string;
  /** Tag, or digest for reading. */
  readonly tag: string;
  /** Of a registry. */
  readonly reference?: Reference;
  readonly open: () => Promise<ImageStore>;
}

/** Nothing is asked for yet. @throws bad_reference, usage */
export function openImageStore(source: RegistryCache | LocalCache, options: OpenImageStoreOptions): TaggedStore {
  return source.type === "registry" ? repositoryOf(source, options) : layoutOf(source);
}

function repositoryOf({ ref, scope = "" }: RegistryCache, { openRepository }: OpenImageStoreOptions): TaggedStore {
  const given = parseReference(ref);
  const reference = scope === "" ? given : scoped(given, scope);
  const tag = reference.digest ?? reference.tag!;
  const name = `registry ${formatReference(reference)}`;
  return { name, scope, tag, reference, open: () => openRepository(reference) };
}

function scoped(reference: Reference, scope: string): Reference {
  const tag = `${reference.tag ?? ""}-${scope}`;
  if (reference.digest !== undefined)
    throw new TsbuildError("usage", "a scope belongs to a tag, found a digest", { hint: "Leave out scope=." });
  if (isTag(tag)) return { ...reference, tag };
  throw new TsbuildError("usage", `expected a scope of letters, digits, ".", "_" and "-", found "${scope}"`, {
    hint: "Choose another scope.",
  });
}

function layoutOf({ directory: given, tag = "latest", digest, scope = "" }: LocalCache): TaggedStore {
  const directory = resolve(given);
  if (digest !== undefined && !isDigest(digest))
    throw new TsbuildError("usage", `expected a digest "sha256:…", found "${digest}"`, {
      hint: "Give all 64 digits, or name the cache by tag=.",
    });
  const reference = digest ?? (scope === "" ? tag : `${tag}-${scope}`);
  const layout = new Layout(directory);
  const writable = () => {
    Layout.create(directory);
    return layout;
  };
  const store: ImageStore = {
    has: (blob) => layout.has(blob),
    open: (blob) => layout.open(blob),
    put: (blob, content, put) => writable().put(blob, content, put),
    resolve: async (one) => (await layout.resolve(one)) ?? unnamed(layout, one),
    putManifest: (manifest, bytes, one) => writable().putManifest(manifest, bytes, one),
  };
  return { name: `local ${directory}:${reference}`, scope, tag: reference, open: async () => store };
}

/** A manifest that is asked for by its digest may have lost its name to a newer one. */
function unnamed(layout: Layout, digest: string): Descriptor | undefined {
  if (!isDigest(digest)) return undefined;
  const size = statSync(layout.blobs.path(digest), { throwIfNoEntry: false })?.size;
  return size === undefined ? undefined : { mediaType: MediaType.manifest, digest, size };
}
