// Opens the places where images are: registries, and the origins of base images. Network code is loaded at the first use.

import { StoredBlobPlaces } from "./blob-places.js";
import { Layout, type Store } from "./cache/index.js";
import type { BlobStore, ImageStore, Reference } from "./oci/index.js";
import type { ImageOrigin } from "./planner/index.js";
import type { NetworkOptions, OpenNetwork } from "./net/index.js";
import { type BuildFact, waitReporter } from "./progress.js";
import type { Network } from "./remote/index.js";
import type { RegistryClient } from "./registry-client/index.js";
import type { Trust } from "./trust/index.js";
import { checkRegistryOptions, openRegistries, type RegistryOptions, retryOptions } from "./registry-options.js";

export interface Places {
  readonly openRepository: (reference: Reference) => Promise<ImageStore>;
  /** Which images may be taken, and what of them has to be signed. */
  readonly trust: Trust;
  readonly openOrigin: (origin: ImageOrigin) => Promise<BlobStore>;
  /** For downloads. */
  readonly openNetwork: () => Promise<Network>;
  readonly close: () => Promise<void>;
}

/** @param emit told while a host is silent. Default: nobody is told @throws usage */
export function openPlaces(store: Store, options: RegistryOptions, emit?: (fact: BuildFact) => void): Places {
  checkRegistryOptions(options);
  const waits = emit && { onWait: waitReporter(emit) };
  const blobPlaces = new StoredBlobPlaces(store);
  let client: Promise<RegistryClient> | undefined;
  let network: Promise<OpenNetwork> | undefined;
  const openRepository = async (reference: Reference) =>
    (await (client ??= openRegistries(options, { blobPlaces, ...waits }))).repository(reference);
  return {
    openRepository,
    trust: lazyTrust(options),
    openOrigin: async (origin) => {
      if (origin.kind === "store") return store;
      if (origin.kind === "cache") throw new Error(`no build reads the cache ${origin.cache}`);
      return origin.kind === "layout" ? new Layout(origin.directory) : openRepository(origin.reference);
    },
    openNetwork: () => (network ??= connectToHosts(options, waits)),
    close: async () => {
      blobPlaces.save();
      (await client?.catch(() => undefined))?.close(); // whoever asked for it knows why there is none
      (await network)?.close();
    },
  };
}

/** The policy is read when the first image is to be taken. */
function lazyTrust({ signaturePolicy: file }: RegistryOptions): Trust {
  let loaded: Promise<Trust> | undefined;
  const load = async () => (await import("./trust/index.js")).loadTrust({ file, environment: process.env });
  return { permit: async (source) => (await (loaded ??= load())).permit(source) };
}

async function connectToHosts(options: RegistryOptions, waits?: Pick<NetworkOptions, "onWait">): Promise<OpenNetwork> {
  const { openNetwork } = await import("./net/index.js");
  return openNetwork({ userAgent: "tsbuild", retry: retryOptions(options), ...waits });
}
