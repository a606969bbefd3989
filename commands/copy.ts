// `copy()`: an image from one place to another as it is, between registries, image layouts, archives and the store.

import { withStore } from "./with-store.js";
import { TsbuildError } from "../errors.js";
import { expectPlatform, findImage, withIntactBlobs } from "../images/index.js";
import {
  type Descriptor,
  formatFamiliar,
  formatPlatform,
  formatReference,
  isIndex,
  parseAskedPlatform,
  parseReference,
  platformOfConfig,
  readImage,
  type Reference,
} from "../oci/index.js";
import { type BuildFact, type OnEvent, reportWork, type WorkReporter } from "../progress.js";
import type { RegistryOptions } from "../registry-options.js";
import {
  type Destination,
  openDestination,
  openSource,
  parseTransport,
  type Source,
  transfer,
  type TransportName,
  type TransportOptions,
} from "../transports/index.js";

export interface CopyOptions extends RegistryOptions {
  /** The store, for `store:NAME` and for what is unfinished. @default $TSBUILD_HOME, /var/lib/tsbuild as root, else $XDG_DATA_HOME/tsbuild */
  readonly home?: string;
  /** Only this one of an index; an image for another platform is refused. @default all of them; for docker-archive: this machine's */
  readonly platform?: string;
  /** As `platform`, but an image that is no index is taken whatever it is for: skopeo's --override-arch. @default none */
  readonly platformOfIndex?: string;
  /** All of an index, or none: refuses an archive that holds one image. @default false */
  readonly all?: boolean;
  /** Signatures, attestations and what else is about the image too. @default false */
  readonly referrers?: boolean;
  readonly onEvent?: OnEvent;
}

export interface CopiedImage {
  /** As it was in the source. */
  readonly descriptor: Descriptor;
  /** Manifests about the image that were copied with it. */
  readonly referrers: number;
  /** `linux/amd64`: the image of an index that was taken, unasked, because the destination holds only one. */
  readonly chosen?: string;
}

/**
 * Copies an image. Nothing is unpacked, and digests stay what they are; only an archive for Docker has other manifests.
 * @param source `docker://NAME` or NAME alone (a registry), `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`, `dir:DIR`, `store:NAME`
 * @param destination as `source`
 * @throws bad_reference, usage, image_not_found, platform_not_found, bad_archive, output_failed, digest_mismatch, RegistryError
 */
export async function copy(source: string, destination: string, options: CopyOptions = {}): Promise<CopiedImage> {
  const [from, to] = [parseTransport(source), parseTransport(destination)];
  return withStore(options, (store, { openRepository, trust }) =>
    reporting(`copying ${source} to ${destination}`, options, async (report) => {
      const opening = { store, openRepository, trust, signal: options.signal };
      if (from.kind === "store") await findImage(store, formatFamiliar(parseReference(from.name))); // its error knows names that are alike
      const work = async () => run(await openSource(from, opening), { ...options, from, to, report, opening });
      return from.kind === "store" ? withIntactBlobs(from.name, work) : work();
    }),
  );
}

/**
 * Copies an image of the store: also one that has no name.
 * @param word as `findImage` takes it
 * @throws as `copy`
 */
export async function copyFromStore(
  word: string,
  destination: string,
  { store, openRepository, trust }: Omit<TransportOptions, "signal">,
  options: CopyOptions,
): Promise<CopiedImage> {
  const { descriptor, reference } = await findImage(store, word);
  const name = reference && formatReference(reference);
  const to = named(parseTransport(destination), name);
  const { mediaType, digest, size } = descriptor;
  const source = { place: store, root: { mediaType, digest, size }, tag: reference?.tag };
  const from = { kind: "store", name: name ?? digest } as const;
  const opening = { store, openRepository, trust, signal: options.signal };
  return reporting(`copying ${word} to ${destination}`, options, (report) =>
    withIntactBlobs(word, () => run(source, { ...options, from, to, report, opening })),
  );
}

/** docker load asks for a name. */
function named(to: TransportName, name: string | undefined): TransportName {
  if (to.kind !== "docker-archive" || to.reference !== undefined || name === undefined) return to;
  return { ...to, reference: name };
}

function reporting<Value>(
  name: string,
  { onEvent }: CopyOptions,
  work: (report: WorkReporter) => Promise<Value>,
): Promise<Value> {
  return reportWork((fact: BuildFact) => onEvent?.({ time: Date.now(), ...fact }), "copy", name, work);
}

/** The registry that a source or destination is in, or undefined when it is in none. @throws bad_reference */
export function registryOfTransport(text: string): string | undefined {
  const name = parseTransport(text);
  return name.kind === "registry" ? name.reference.registry : undefined;
}

interface Running extends CopyOptions {
  readonly from: TransportName;
  readonly to: TransportName;
  readonly opening: TransportOptions;
  readonly report: WorkReporter;
}

async function run(source: Source, running: Running): Promise<CopiedImage> {
  if (running.referrers) expectRoom(running.to);
  const { root, chosen } = await chosenImage(source, running); // the destination loses nothing when there is none
  const target = await openDestination(running.to, source.tag, running.opening);
  try {
    const referrers = await transfer(root, source.place, target.place, transferOptions(target, running));
    await target.finish();
    return { descriptor: root, referrers, ...(chosen !== undefined && { chosen }) };
  } finally {
    await target.close();
  }
}

/** @throws usage for a place that has nothing but an image */
function expectRoom(to: TransportName): void {
  if (!["directory", "oci-archive", "docker-archive"].includes(to.kind)) return;
  const place = "path" in to ? to.path : to.kind;
  throw new TsbuildError("usage", `"${place}" holds one image, and nothing about it`, {
    hint: "Leave --referrers out, or copy to oci:DIR.",
  });
}

/** One image where only one is wanted, or fits. */
async function chosenImage(
  { place, root }: Source,
  { to, platform: exact, platformOfIndex, all = false, signal }: Running,
): Promise<{ readonly root: Descriptor; readonly chosen?: string }> {
  const cancel = signal ? { signal } : {};
  if (!isIndex(root.mediaType)) {
    if (exact !== undefined) expectPlatform(await readImage(place, root, cancel), exact);
    return { root };
  }
  const single = to.kind === "docker-archive";
  const platform = exact ?? platformOfIndex;
  if (platform === undefined && !single) return { root };
  if (single && all)
    throw new TsbuildError("usage", "expected one image for an archive for docker load, found an index of images", {
      hint: "Leave --all out, choose one with --platform, or use oci-archive:FILE.",
    });
  const wanted = platform === undefined ? {} : { platform: parseAskedPlatform(platform) };
  const image = await readImage(place, root, { ...wanted, ...cancel });
  return {
    root: image.descriptor,
    ...(platform === undefined && { chosen: formatPlatform(platformOfConfig(image.config)) }),
  };
}

function transferOptions(target: Destination, { from, to, referrers, report, signal }: Running) {
  const mount = mountFrom(from, to, target);
  return {
    tag: target.tag,
    ...(referrers !== undefined && { referrers }),
    ...(signal && { signal }),
    ...(mount && { mount }),
    onProgress: (blob: Descriptor, current: number, total: number) => report.transfer(blob.digest, current, total),
  };
}

/** A registry can place blobs of one repository into another without moving them. */
function mountFrom(from: TransportName, to: TransportName, { place }: Destination) {
  if (from.kind !== "registry" || to.kind !== "registry") return undefined;
  const { registry, repository }: Reference = from.reference;
  if (registry !== to.reference.registry || repository === to.reference.repository) return undefined;
  return async (blob: Descriptor) => (await place.mount?.(blob, repository)) ?? false;
}
