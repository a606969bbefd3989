// The manifests of a repository: read, written, listed, deleted.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints

import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  type Index,
  isDigest,
  isIndex,
  isTag,
  parseIndex,
  sha256,
  subjectOf,
} from "../oci/index.js";
import type { RegistryRequest, RegistryResponse } from "./connection.js";
import { storedOther } from "./error.js";
import { described, expectDigest, MANIFEST_TYPES, measured } from "./manifest-answer.js";
import { pagesOf } from "./pages.js";
import { addReferrer, listReferrers, type ReferrersPlace } from "./referrers.js";
import { parseTags } from "./tags.js";

export interface ManifestsOptions {
  /** Path in the registry: `library/alpine`. */
  readonly name: string;
  /** Asks in the name of the repository, again when that may help. */
  readonly request: (request: Omit<RegistryRequest, "access">) => Promise<RegistryResponse>;
}

const ACCEPT = { accept: MANIFEST_TYPES };

export class Manifests {
  readonly #options: ManifestsOptions;
  /** Lists of referrers are read, changed and written: one after the other. */
  #attaching: Promise<void> = Promise.resolve();

  constructor(options: ManifestsOptions) {
    this.#options = options;
  }

  /** @throws bad_reference when `reference` is neither a tag nor a digest */
  path(reference: string): string {
    if (isTag(reference) || isDigest(reference)) return `/v2/${this.#options.name}/manifests/${reference}`;
    throw new TsbuildError("bad_reference", `expected a tag or a digest, found "${reference}"`, {
      hint: "Write NAME:TAG, or NAME@sha256:… with all 64 digits.",
    });
  }

  /** By its head, or its bytes where the head says too little. */
  async resolve(reference: string, signal: AbortSignal | undefined): Promise<Descriptor | undefined> {
    const request = { target: this.path(reference), headers: ACCEPT, signal };
    const head = await this.#options.request({ ...request, method: "HEAD", expect: [200, 404, 405] });
    if (head.status === 404) return undefined;
    const told = head.status === 200 ? described(head) : undefined;
    if (told !== undefined) return expectDigest(told, reference);
    const response = present(await this.#options.request({ ...request, method: "GET", expect: [200, 404] }));
    if (response === undefined) return undefined;
    const { bytes: _, ...descriptor } = await measured(response);
    return expectDigest(descriptor, reference);
  }

  /** Also puts it on the list of its subject's referrers, where the registry does not do so itself (S-208). */
  async put(manifest: Descriptor, bytes: Uint8Array, tag: string | undefined): Promise<void> {
    const response = await this.#put(manifest, bytes, tag);
    const subject = subjectOf(manifest, bytes)?.digest;
    if (subject === undefined || response.headers["oci-subject"] === subject) return;
    const attached = this.#attaching.then(() => addReferrer(this.#referrersPlace(), subject, manifest, bytes));
    this.#attaching = attached.catch(() => {});
    await attached;
  }

  referrers(subject: Digest, artifactType: string | undefined): Promise<Descriptor[]> {
    return listReferrers(this.#referrersPlace(), subject, artifactType);
  }

  /** @throws registry_error when there is no such repository */
  async tags(): Promise<string[]> {
    const get = (target: string | URL) => this.#options.request({ method: "GET", target, expect: [200] });
    const tags: string[] = [];
    for await (const { bytes } of pagesOf(`/v2/${this.#options.name}/tags/list`, get)) tags.push(...parseTags(bytes));
    return tags;
  }

  /** @param request asks with leave to delete @returns false when there was none */
  async delete(reference: string, request: ManifestsOptions["request"]): Promise<boolean> {
    const target = this.path(reference);
    const { status, body } = await request({ method: "DELETE", target, expect: [200, 202, 404] });
    body.resume();
    return status !== 404;
  }

  async #put(manifest: Descriptor, bytes: Uint8Array, tag: string | undefined): Promise<RegistryResponse> {
    expectDigest({ ...manifest, digest: sha256(bytes), size: bytes.length }, manifest.digest);
    const { request } = this.#options;
    const headers = { "content-type": manifest.mediaType };
    const target = this.path(tag ?? manifest.digest);
    const response = await request({ method: "PUT", target, headers, body: bytes, expect: [200, 201, 202] });
    response.body.resume();
    await this.#expectStored(response, manifest, tag);
    return response;
  }

  /** Only 201 says that a manifest was stored: after another answer it is looked whether it is there. @throws registry_error */
  async #expectStored(
    { status, headers, url }: RegistryResponse,
    { digest }: Descriptor,
    tag: string | undefined,
  ): Promise<void> {
    const stored = headers["docker-content-digest"];
    const place = { method: "PUT", url };
    if (stored !== undefined && stored !== digest)
      throw storedOther(place, `expected ${digest}, it says ${String(stored)}`);
    if (status === 201) return;
    const found = await this.resolve(tag ?? digest, undefined).catch(noManifest);
    if (found?.digest === digest) return;
    const said = `expected 201 for the manifest, found ${status}`;
    throw storedOther(place, `${said}, and ${found ? `${tag} is ${found.digest}` : "it is not there"}`);
  }

  #referrersPlace(): ReferrersPlace {
    const { name, request } = this.#options;
    return {
      get: async (target) =>
        present(await request({ method: "GET", target, expect: [200, 404, 405], headers: ACCEPT })),
      referrersPath: (subject) => `/v2/${name}/referrers/${subject}`,
      readIndex: (tag) => this.#readIndex(tag),
      putIndex: async (index, bytes, tag) => void (await this.#put(index, bytes, tag)),
    };
  }

  async #readIndex(tag: string): Promise<Index | undefined> {
    const request = { method: "GET", target: this.path(tag), headers: ACCEPT, expect: [200, 404] } as const;
    const response = present(await this.#options.request(request));
    const found = response && (await measured(response));
    return found && isIndex(found.mediaType) ? parseIndex(found.bytes) : undefined;
  }
}

/** For an answer that is no manifest. */
function noManifest(error: unknown): undefined {
  if (error instanceof TsbuildError && ["bad_manifest", "digest_mismatch"].includes(error.code)) return;
  throw error;
}

function present(response: RegistryResponse): RegistryResponse | undefined {
  if (response.status === 200) return response;
  response.body.resume();
  return undefined;
}
