// Pull: a copy from a registry into the local store.
// https://docs.docker.com/reference/cli/docker/image/pull/

import type { Store } from "../cache/index.js";
import { imageNotFound } from "../inputs/index.js";
import {
  copyImage,
  type Descriptor,
  type Digest,
  formatReference,
  hexOf,
  type ImageStore,
  parsePlatform,
  parseReference,
  readImage,
  type Reference,
} from "../oci/index.js";
import type { Places } from "../places.js";
import { type BuildFact, reportWork } from "../progress.js";

export interface TransferOptions {
  /** Of the images of an index. @default for pull this machine's, for push all */
  readonly platform?: string;
  readonly signal?: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
}

export interface PulledImage {
  /** In full: `docker.io/library/app:1`. */
  readonly name: string;
  /** The manifest of the platform, as the store has it now. */
  readonly descriptor: Descriptor;
  /** What the registry has under the name: of an index, the index's. */
  readonly digest: Digest;
  /** False when the name meant this image already. */
  readonly isNew: boolean;
}

/** Copies an image of one platform into the store, with all its blobs. @throws image_not_found, RegistryError */
export async function pullImage(
  store: Store,
  places: Pick<Places, "openRepository">,
  word: string,
  { platform, signal, emit }: TransferOptions,
): Promise<PulledImage> {
  const reference = parseReference(word);
  const name = formatReference(reference);
  const before = store.names.get(name)?.digest;
  const cancel = signal ? { signal } : {};
  return reportWork(emit, `pull ${name}`, `pulling ${name}`, async (report) => {
    const repository: ImageStore = await places.openRepository(reference);
    const root = await repository.resolve(reference.digest ?? reference.tag!, cancel);
    if (!root) throw imageNotFound(word);
    const wanted = platform === undefined ? {} : { platform: parsePlatform(platform) };
    const { descriptor } = await readImage(repository, root, { ...wanted, ...cancel });
    const onProgress = (blob: Descriptor, current: number, total: number) =>
      report.transfer(blob.digest, current, total);
    await copyImage(descriptor, repository, store, { tag: name, onProgress, ...cancel });
    noteRegistryDigest(store, descriptor.digest, { ...reference, digest: root.digest });
    return { name, descriptor, digest: root.digest, isNew: before !== descriptor.digest };
  });
}

/** Pulls every tag of a repository, in the registry's order. @throws as `pullImage` */
export async function pullAllTags(
  store: Store,
  places: Pick<Places, "openRepository">,
  word: string,
  options: TransferOptions,
): Promise<readonly PulledImage[]> {
  const reference = parseReference(word);
  const repository: Partial<Listing> = await places.openRepository(reference);
  const tags = (await repository.tags?.()) ?? [];
  if (tags.length === 0) throw imageNotFound(word);
  const pulled: PulledImage[] = [];
  for (const tag of tags) pulled.push(await pullImage(store, places, formatReference({ ...reference, tag }), options));
  return pulled;
}

/** A repository that says which tags it has. */
interface Listing extends ImageStore {
  tags(): Promise<readonly string[]>;
}

/** The last digest of a repository is the one that counts. */
export function noteRegistryDigest(store: Store, digest: Digest, { tag: _, ...reference }: Reference): void {
  const known = store.registryDigests.get(hexOf(digest)) ?? [];
  const others = known.map(parseReference).filter((one) => !isSameRepository(one, reference));
  store.registryDigests.put(hexOf(digest), [...others, reference].map(formatReference).sort());
}

function isSameRepository(a: Reference, b: Reference): boolean {
  return a.registry === b.registry && a.repository === b.repository;
}
