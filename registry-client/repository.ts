// A repository in a registry, as a place of images.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { type Gate, type RateLimit, type RetryOptions, withRetries } from "../net/index.js";
import {
  type Descriptor,
  type Digest,
  type ImageStore,
  type Index,
  isDigest,
  isIndex,
  isTag,
  parseIndex,
  type PutOptions,
  sha256,
  subjectOf,
} from "../oci/index.js";
import type { Connection, RegistryRequest, RegistryResponse } from "./connection.js";
import { download } from "./download.js";
import { RegistryError } from "./error.js";
import { described, expectDigest, isNamed, MANIFEST_TYPES, measured } from "./manifest-answer.js";
import { pagesOf } from "./pages.js";
import { addReferrer, listReferrers, type ReferrersPlace } from "./referrers.js";
import { parseTags } from "./tags.js";
import { send } from "./upload.js";
import { openSession, type Session } from "./upload-session.js";

/** What the repositories of one registry share when they move blobs. */
export interface Transfers {
  /** Uploads at once. */
  readonly jobs: number;
  /** Places for downloads at once. */
  readonly downloads: Gate;
  readonly limit?: RateLimit | undefined;
  /** Bytes of a piece of an upload. Default: the whole blob. */
  readonly chunk?: number | undefined;
}

/** Remembers where blobs are, so that one that is in another repository of a registry is mounted and not sent. */
export interface BlobPlaces {
  /** Repositories of `registry` that may have the blob: `library/alpine`. */
  find(blob: Descriptor, registry: string): readonly string[];
  note(blob: Descriptor, registry: string, repository: string): void;
}

export interface RepositoryOptions {
  readonly connection: Connection;
  /** Path in the registry: `library/alpine`. */
  readonly name: string;
  readonly transfers: Transfers;
  readonly blobPlaces?: BlobPlaces | undefined;
  /** Blobs that are in the repository; shared by all who write to it. */
  readonly present?: Set<Digest> | undefined;
  readonly retry: RetryOptions;
  readonly signal?: AbortSignal | undefined;
}

interface Cancelable {
  readonly signal?: AbortSignal;
}

export class Repository implements ImageStore {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #transfers: Transfers;
  readonly #blobPlaces: BlobPlaces | undefined;
  readonly #present: Set<Digest>;
  readonly #retry: RetryOptions;
  readonly #signal: AbortSignal | undefined;
  /** What was read with is widened at the first write: one token does for all that follows. */
  #pushes = false;
  /** Sessions that a registry opened where it did not mount (S-203). */
  readonly #sessions = new Map<Digest, Session>();
  /** Lists of referrers are read, changed and written: one after the other. */
  #attaching: Promise<void> = Promise.resolve();

  constructor({ connection, name, transfers, blobPlaces, present = new Set(), retry, signal }: RepositoryOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#transfers = transfers;
    this.#blobPlaces = blobPlaces;
    this.#present = present;
    this.#retry = retry;
    this.#signal = signal;
  }

  get jobs(): number {
    return this.#transfers.jobs;
  }

  async has(blob: Descriptor): Promise<boolean> {
    if (this.#present.has(blob.digest)) return true;
    const { status } = await this.#request({
      method: "HEAD",
      target: this.#path(blob),
      headers: acceptFor(blob),
      expect: [200, 404],
    });
    if (status === 200) this.#note(blob);
    return status === 200;
  }

  async open(blob: Descriptor, { signal }: Cancelable = {}): Promise<Readable> {
    const combined = this.#combine(signal);
    const get = async (offset: number) => {
      const headers = { ...acceptFor(blob), ...(offset > 0 && { range: `bytes=${offset}-` }) };
      const response = await this.#request({
        method: "GET",
        target: this.#path(blob),
        headers,
        expect: [200, 206, 404],
        signal: combined,
      });
      if (response.status !== 404) return response;
      response.body.resume();
      throw new TsbuildError("blob_not_found", `${this.#connection.registry}/${this.#name} has no blob ${blob.digest}`);
    };
    const leave = isNamed(blob) ? () => {} : await this.#transfers.downloads.enter(combined);
    const first = await get(0).catch((error: unknown) => {
      leave();
      throw error;
    });
    this.#note(blob);
    const { limit } = this.#transfers;
    return download(blob, first, get, { ...this.#retry, limit, signal: combined }).once("close", leave);
  }

  /** Content that can be opened again is sent again when the transfer breaks. */
  async put(blob: Descriptor, content: Readable, { signal, reopen }: PutOptions = {}): Promise<void> {
    if (isNamed(blob)) return this.putManifest(blob, Buffer.concat(await content.toArray()));
    let next: (() => Promise<Readable>) | undefined = async () => content;
    const open = () => {
      const now = next;
      next = reopen;
      if (now === undefined)
        throw new TsbuildError(
          "registry_error",
          `the upload of ${blob.digest} broke, and its content cannot be read again`,
        );
      return now();
    };
    this.#pushes = true;
    const { chunk, limit } = this.#transfers;
    const upload = { ...this.#place(this.#combine(signal)), blob, open, chunk, limit };
    const retry = { ...this.#retry, ...(reopen === undefined && { attempts: 1 }) };
    try {
      if (!(await this.#mountKnown(blob, upload))) await send(upload, this.#takeSession(blob), retry);
      this.#note(blob);
    } finally {
      content.destroy();
    }
  }

  /**
   * Places a blob of another repository of the registry without moving its bytes.
   * @param from path in the registry: `library/alpine`
   * @returns false when the registry did not: it is to be uploaded
   */
  async mount(blob: Descriptor, from: string, { signal }: Cancelable = {}): Promise<boolean> {
    this.#pushes = true;
    const place = this.#place(this.#combine(signal));
    const upload = { ...place, access: { ...place.access, from } };
    try {
      const session = await withRetries(() => openSession(upload, blob), { ...this.#retry, signal: upload.signal });
      if (session !== undefined) this.#sessions.set(blob.digest, session);
      if (session === undefined) this.#note(blob);
      return session === undefined;
    } catch (error) {
      if (error instanceof RegistryError && [400, 401, 403, 404, 405].includes(error.status ?? 0)) return false;
      throw error;
    }
  }

  async resolve(reference: string, { signal }: Cancelable = {}): Promise<Descriptor | undefined> {
    const request = {
      target: this.#manifestPath(reference),
      headers: { accept: MANIFEST_TYPES },
      expect: [200, 404],
      signal: this.#combine(signal),
    };
    const head = await this.#request({ ...request, method: "HEAD" });
    if (head.status === 404) return undefined;
    const told = described(head);
    if (told !== undefined) return expectDigest(told, reference);
    const response = present(await this.#request({ ...request, method: "GET" }));
    if (response === undefined) return undefined;
    const { bytes: _, ...descriptor } = await measured(response);
    return expectDigest(descriptor, reference);
  }

  /** A manifest with a subject is also put on the list of its referrers, where the registry does not do so itself (S-208). */
  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    const response = await this.#put(manifest, bytes, tag);
    const subject = subjectOf(manifest, bytes)?.digest;
    if (subject === undefined || response.headers["oci-subject"] === subject) return;
    const attached = this.#attaching.then(() => addReferrer(this.#referrersPlace(), subject, manifest, bytes));
    this.#attaching = attached.catch(() => {});
    await attached;
  }

  /** A registry refuses manifests whose parts it lacks: what it has is whole. For those who are about to push. */
  async holds(manifest: Descriptor): Promise<boolean> {
    this.#pushes = true;
    return this.has(manifest);
  }

  /** What is about `subject`, from the registry's list or the tag that stands in for it. */
  referrers(subject: Digest, artifactType?: string): Promise<Descriptor[]> {
    return listReferrers(this.#referrersPlace(), subject, artifactType);
  }

  /** In the registry's order. @throws registry_error when there is no such repository */
  async tags(): Promise<string[]> {
    const get = (target: string | URL) => this.#request({ method: "GET", target, expect: [200] });
    const tags: string[] = [];
    for await (const { bytes } of pagesOf(`/v2/${this.#name}/tags/list`, get)) tags.push(...parseTags(bytes));
    return tags;
  }

  /** @param reference a digest, or a tag where the registry allows it @returns false when there was none */
  async deleteManifest(reference: string): Promise<boolean> {
    const target = this.#manifestPath(reference);
    this.#pushes = true;
    const access = { ...this.#access(), deletes: true };
    const { status, body } = await this.#request({ method: "DELETE", target, access, expect: [200, 202, 404] });
    body.resume();
    return status !== 404;
  }

  async #put(manifest: Descriptor, bytes: Uint8Array, tag: string | undefined): Promise<RegistryResponse> {
    expectDigest({ ...manifest, digest: sha256(bytes), size: bytes.length }, manifest.digest);
    this.#pushes = true;
    const headers = { "content-type": manifest.mediaType };
    const target = this.#manifestPath(tag ?? manifest.digest);
    const response = await this.#request({ method: "PUT", target, headers, body: bytes, expect: [200, 201, 202] });
    response.body.resume();
    const stored = response.headers["docker-content-digest"];
    if (stored === undefined || stored === manifest.digest) return response;
    throw new TsbuildError(
      "digest_mismatch",
      `${this.#connection.registry}: expected to store ${manifest.digest}, stored ${String(stored)}`,
    );
  }

  #referrersPlace(): ReferrersPlace {
    return {
      get: async (target) => {
        const request = {
          method: "GET",
          target,
          expect: [200, 404, 405],
          headers: { accept: MANIFEST_TYPES },
        } as const;
        return present(await this.#request(request));
      },
      referrersPath: (subject) => `/v2/${this.#name}/referrers/${subject}`,
      readIndex: (tag) => this.#readIndex(tag),
      putIndex: async (index, bytes, tag) => void (await this.#put(index, bytes, tag)),
    };
  }

  async #readIndex(tag: string): Promise<Index | undefined> {
    const headers = { accept: MANIFEST_TYPES };
    const target = this.#manifestPath(tag);
    const response = present(await this.#request({ method: "GET", target, headers, expect: [200, 404] }));
    const found = response && (await measured(response));
    return found && isIndex(found.mediaType) ? parseIndex(found.bytes) : undefined;
  }

  #place(signal: AbortSignal | undefined) {
    return { connection: this.#connection, access: this.#access(), signal };
  }

  #request(request: Omit<RegistryRequest, "access"> & Partial<RegistryRequest>): Promise<RegistryResponse> {
    const signal = request.signal ?? this.#signal;
    return withRetries(() => this.#connection.request({ access: this.#access(), ...request, signal }), {
      ...this.#retry,
      signal,
    });
  }

  #access(): { repository: string; push: boolean } {
    return { repository: this.#name, push: this.#pushes };
  }

  #combine(signal: AbortSignal | undefined): AbortSignal | undefined {
    return signal && this.#signal ? AbortSignal.any([signal, this.#signal]) : (signal ?? this.#signal);
  }

  /** Mounts a blob from where it was seen, unless a mount was tried before. */
  async #mountKnown(blob: Descriptor, { signal }: { readonly signal?: AbortSignal | undefined }): Promise<boolean> {
    if (this.#sessions.has(blob.digest)) return false;
    const places = this.#blobPlaces?.find(blob, this.#connection.registry) ?? [];
    const [place] = places.filter((name) => name !== this.#name);
    return place !== undefined && this.mount(blob, place, signal ? { signal } : {});
  }

  #note(blob: Descriptor): void {
    if (isNamed(blob)) return;
    this.#present.add(blob.digest);
    this.#blobPlaces?.note(blob, this.#connection.registry, this.#name);
  }

  #takeSession({ digest }: Descriptor): Session | undefined {
    const session = this.#sessions.get(digest);
    this.#sessions.delete(digest);
    return session;
  }

  #path(blob: Descriptor): string {
    return isNamed(blob) ? this.#manifestPath(blob.digest) : `/v2/${this.#name}/blobs/${blob.digest}`;
  }

  #manifestPath(reference: string): string {
    if (isTag(reference) || isDigest(reference)) return `/v2/${this.#name}/manifests/${reference}`;
    throw new TsbuildError("bad_reference", `expected a tag or a digest, found "${reference}"`);
  }
}

function acceptFor(blob: Descriptor): Record<string, string> {
  return isNamed(blob) ? { accept: blob.mediaType } : {};
}

function present(response: RegistryResponse): RegistryResponse | undefined {
  if (response.status === 200) return response;
  response.body.resume();
  return undefined;
}
