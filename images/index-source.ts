// Where the images of an index come from: the local store, else a registry, whose layers stay there until they are pushed.

import type { Store } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import { imageNotFound } from "../inputs/index.js";
import {
  type BlobStore,
  copyBlob,
  copyImage,
  type Descriptor,
  hexOf,
  isIndex,
  type OpenOptions,
  parseImageConfig,
  parseIndex,
  parseManifest,
  parseReference,
  platformOfConfig,
  readBlob,
  readImage,
  type Reference,
} from "../oci/index.js";
import { layersOf } from "../executor/index.js";
import { writeOutput } from "../outputs/index.js";
import type { Places } from "../places.js";
import { namesTransport, openSource, parseTransport } from "../transports/index.js";
import { findImage } from "./find.js";
import { noteRegistryDigest } from "./pull.js";
import { indexedManifests, isRunnable } from "./root.js";

export interface IndexSource {
  readonly store: Store;
  readonly places: Pick<Places, "openRepository" | "openOrigin" | "trust">;
  readonly signal?: AbortSignal;
}

/** As podman has it: what is in a registry, whatever the store has under that name. */
export const REGISTRY_PREFIX = /^docker:\/\//;

/**
 * The entries that an index has for an image: one, or those of the index that it is. Their manifests and configs are in the
 * store then, and layers of the store are compressed.
 * @param image a name; with `docker://` before it that of a registry, not of the store; else as `copy` has it: `oci:DIR:TAG`
 * @throws image_not_found, bad_reference, bad_archive
 */
export async function indexedSource(source: IndexSource, image: string): Promise<Descriptor[]> {
  const name = image.replace(REGISTRY_PREFIX, "");
  const local = name === image ? await localImage(source.store, image) : undefined;
  if (local) return localEntries(source, local);
  if (name === image && namesTransport(image)) return localEntries(source, await taken(source, image));
  const reference = parseReference(name);
  const permit = await source.places.trust.permit({ transport: "docker", reference });
  const unread = await source.places.openRepository(reference);
  const root = await unread.resolve(reference.digest ?? reference.tag!);
  if (!root) throw imageNotFound(image);
  const repository = await permit.admit(unread, root);
  return entriesOf(repository, root, (entry) => remembered(source, repository, reference, entry));
}

/** An image of the store may be called as a transport is: `oci:1`. */
async function localImage(store: Store, image: string): Promise<Descriptor | undefined> {
  try {
    return (await findImage(store, image)).descriptor;
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    const isElsewhere = error.code === "bad_reference" && namesTransport(image);
    if (isElsewhere || error.code === "image_not_found") return undefined;
    throw error;
  }
}

/** Copies what an archive or a layout has: it may be gone when the index is pushed. */
async function taken({ store, places, signal }: IndexSource, image: string): Promise<Descriptor> {
  const { place, root } = await openSource(parseTransport(image), { ...places, store, signal });
  if (place !== store) await copyImage(root, place, store, signal ? { signal } : {});
  return root;
}

/** The images that the store has of an index, which may be some only; what is said of them is of other manifests. */
async function localEntries(source: IndexSource, root: Descriptor): Promise<Descriptor[]> {
  const { store } = source;
  if (!isIndex(root.mediaType)) return [await compressed(source, root)];
  const images = (await indexedManifests(store, root)).filter((entry) => isRunnable(entry) && entry.isHere);
  return Promise.all(
    images.map(async ({ descriptor }) => ({ ...descriptor, ...(await compressed(source, descriptor)) })),
  );
}

async function entriesOf(
  place: BlobStore,
  root: Descriptor,
  take: (entry: Descriptor) => Promise<Descriptor>,
): Promise<Descriptor[]> {
  if (!isIndex(root.mediaType)) return [await take(root)];
  const { manifests } = parseIndex(await readBlob(place, root));
  return Promise.all(manifests.map(async (entry) => ({ ...entry, ...(await take(entry)) })));
}

/** Registries take layers compressed: an image that was built here gets the manifest that it would be pushed with. */
async function compressed({ store, places }: IndexSource, entry: Descriptor): Promise<Descriptor> {
  const image = await readImage(store, entry);
  const configBytes = await readBlob(store, image.manifest.config);
  const platform = platformOfConfig(image.config);
  const layers = layersOf(image.manifest.layers, image.config);
  const assembled = { config: image.config, configBytes, configDescriptor: image.manifest.config, layers };
  const report = { status: () => {}, transfer: () => {} };
  const output = { type: "image", compression: "gzip" } as const;
  const { descriptor } = await writeOutput([{ platform, image: assembled }], output, {
    ...places,
    store,
    tags: [],
    report,
  });
  return { ...plain(descriptor), platform };
}

/** Copies manifest and config; the layers are in the registry, which is noted. */
async function remembered(
  { store }: IndexSource,
  repository: BlobStore,
  reference: Reference,
  entry: Descriptor,
): Promise<Descriptor> {
  const bytes = await readBlob(repository, entry);
  const { config } = parseManifest(bytes);
  await copyBlob(config, repository, store);
  await store.putManifest(plain(entry), bytes);
  noteRegistryDigest(store, entry.digest, { ...reference, digest: entry.digest });
  if (entry.platform) return { ...plain(entry), platform: entry.platform };
  const isImage = config.mediaType.includes("image");
  return {
    ...plain(entry),
    ...(isImage && { platform: platformOfConfig(parseImageConfig(await readBlob(store, config))) }),
  };
}

/** Where the layers of an index are: the store, and the repositories that its manifests came from. */
export class IndexBlobs implements BlobStore {
  readonly #source: IndexSource;
  readonly #origins = new Map<string, readonly Reference[]>();

  constructor(source: IndexSource) {
    this.#source = source;
  }

  /** Learns where the parts of a manifest are. */
  async know(manifest: Descriptor): Promise<void> {
    const { store } = this.#source;
    const places = (store.registryDigests.get(hexOf(manifest.digest)) ?? []).map(parseReference);
    const { config, layers } = parseManifest(await readBlob(store, manifest));
    for (const blob of [config, ...layers]) this.#origins.set(blob.digest, places);
  }

  originsOf({ digest }: Descriptor): readonly Reference[] {
    return this.#origins.get(digest) ?? [];
  }

  async has(blob: Descriptor): Promise<boolean> {
    return this.#source.store.blobs.hasSync(blob) || this.originsOf(blob).length > 0;
  }

  async open(blob: Descriptor, options?: OpenOptions) {
    const { store, places } = this.#source;
    if (store.blobs.hasSync(blob)) return store.open(blob, options);
    const [origin] = this.originsOf(blob);
    if (!origin)
      throw new TsbuildError("blob_not_found", `the store has no blob ${blob.digest}`, {
        hint: "Pull or build the image again.",
      });
    return (await places.openRepository(origin)).open(blob, options);
  }

  async put(): Promise<never> {
    throw new Error("the parts of an index are only read");
  }
}

export function sameRegistry(origins: readonly Reference[], { registry, repository }: Reference): string[] {
  return origins
    .filter((one) => one.registry === registry && one.repository !== repository)
    .map((one) => one.repository);
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
