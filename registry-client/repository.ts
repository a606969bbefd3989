// A repository in a registry, as a place of images.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import { type RateLimit, type RetryOptions, withRetries } from "../net/index.js";
import type { Descriptor, Digest, ImageStore, PutOptions } from "../oci/index.js";
import type { Connection, RegistryRequest, RegistryResponse } from "./connection.js";
import { offsetOf } from "./content-range.js";
import { download } from "./download.js";
import { RegistryError } from "./error.js";
import { isNamed } from "./manifest-answer.js";
import { Manifests } from "./manifests.js";
import { tryUpload } from "./push-access.js";
import { SmallContent } from "./small-content.js";
import { send } from "./upload.js";
import { openSession, type Session } from "./upload-session.js";

/** What the repositories of one registry share when they move blobs. */
export interface Transfers {
  /** Uploads at once. */
  readonly jobs: number;
  /** Downloads at once. */
  readonly downloads: Downloads;
  readonly limit?: RateLimit | undefined;
  /** Bytes from which a download is hashed and written by threads. */
  readonly threads: number;
  /** Bytes of a piece of an upload. Default: the whole blob. */
  readonly chunk?: number | undefined;
}

/** Waits for the turn of a download. */
export interface Downloads {
  /** How many there are at most at once. */
  readonly most: number;
  /** @returns to be called once, at the end @throws interrupted */
  enter(blob: Descriptor, signal?: AbortSignal): Promise<() => void>;
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
  readonly #manifests: Manifests;
  readonly #small = new SmallContent();

  constructor({ connection, name, transfers, blobPlaces, present = new Set(), retry, signal }: RepositoryOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#transfers = transfers;
    this.#blobPlaces = blobPlaces;
    this.#present = present;
    this.#retry = retry;
    this.#signal = signal;
    this.#manifests = new Manifests({ name, request: (request) => this.#request(request) });
  }

  /** Registries compare what they were sent with the digest that it was sent under. */
  get verifies(): boolean {
    return true;
  }

  get jobs(): number {
    return this.#transfers.jobs;
  }

  get reads(): number {
    return this.#transfers.downloads.most;
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

  open(blob: Descriptor, options: Cancelable = {}): Promise<Readable> {
    return this.#small.open(blob, () => this.#download(blob, options));
  }

  expect(blob: Descriptor): void {
    this.#small.expect(blob, () => this.#download(blob, {}));
  }

  async #download(blob: Descriptor, { signal }: Cancelable): Promise<Readable> {
    const combined = this.#combine(signal);
    const { limit, threads } = this.#transfers;
    const isLarge = limit === undefined && blob.size >= threads;
    const ask = async (offset: number) => {
      const headers = { ...acceptFor(blob), ...(offset > 0 && { range: `bytes=${offset}-` }) };
      const response = await this.#request({
        method: "GET",
        target: this.#path(blob),
        headers,
        expect: [200, 206, 404, ...(offset > 0 ? [416] : [])],
        size: blob.size - offset,
        signal: combined,
        isBlob: limit === undefined,
      });
      if (response.status !== 404) return response;
      response.body.resume();
      throw notThere(`${this.#connection.registry}/${this.#name}`, blob);
    };
    /** A registry that gives another part than it was asked for is asked for the whole. */
    const get = async (offset: number) => {
      const response = await ask(offset);
      if (offset === 0 || (offsetOf(response) ?? Infinity) <= offset) return response;
      response.body.destroy();
      return ask(0);
    };
    const leave = isNamed(blob) ? () => {} : await this.#transfers.downloads.enter(blob, combined);
    const first = await get(0).catch((error: unknown) => {
      leave();
      throw error;
    });
    this.#note(blob);
    return download(blob, first, get, { ...this.#retry, limit, isLarge, signal: combined }).once("close", leave);
  }

  /** Content that can be opened again is sent again when the transfer breaks. */
  async put(blob: Descriptor, content: Readable, { signal, reopen, verify }: PutOptions = {}): Promise<void> {
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
    const upload = { ...this.#place(this.#combine(signal)), blob, open, chunk, limit, verify };
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

  resolve(reference: string, { signal }: Cancelable = {}): Promise<Descriptor | undefined> {
    return this.#manifests.resolve(reference, this.#combine(signal));
  }

  /** A manifest with a subject is also put on the list of its referrers, where the registry does not do so itself (S-208). */
  putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    this.#pushes = true;
    return this.#manifests.put(manifest, bytes, tag);
  }

  /** A registry refuses manifests whose parts it lacks: what it has is whole. For those who are about to push. */
  holds(manifest: Descriptor): Promise<boolean> {
    this.#pushes = true;
    return this.has(manifest);
  }

  /** Whether we may push here, asked without pushing. @throws unauthorized, registry_error, registry_unreachable */
  async tryPush({ signal }: Cancelable = {}): Promise<void> {
    this.#pushes = true;
    const place = this.#place(this.#combine(signal));
    await withRetries(() => tryUpload(place), { ...this.#retry, signal: place.signal });
  }

  /** What is about `subject`, from the registry's list or the tag that stands in for it. */
  referrers(subject: Digest, artifactType?: string): Promise<Descriptor[]> {
    return this.#manifests.referrers(subject, artifactType);
  }

  /** In the registry's order. @throws registry_error when there is no such repository */
  tags(): Promise<string[]> {
    return this.#manifests.tags();
  }

  /** @param reference a digest, or a tag where the registry allows it @returns false when there was none */
  deleteManifest(reference: string): Promise<boolean> {
    this.#pushes = true;
    this.#small.clear();
    const access = { ...this.#access(), deletes: true };
    return this.#manifests.delete(reference, (request) => this.#request({ ...request, access }));
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
    return isNamed(blob) ? this.#manifests.path(blob.digest) : `/v2/${this.#name}/blobs/${blob.digest}`;
  }
}

function acceptFor(blob: Descriptor): Record<string, string> {
  return isNamed(blob) ? { accept: blob.mediaType } : {};
}

/** Layers that only their maker may distribute are elsewhere: their descriptors have URLs, which are not followed. */
const FOREIGN = /\.foreign\.|\.nondistributable\./;

function notThere(place: string, { digest, mediaType }: Descriptor): TsbuildError {
  const message = `${place} has no blob ${digest}`;
  if (!FOREIGN.test(mediaType)) return new TsbuildError("blob_not_found", message);
  return new TsbuildError("blob_not_found", `${message}, a foreign layer, which is not fetched from its urls`, {
    hint: "Put the layer into the registry first: skopeo copy fetches it.",
  });
}
