// A repository in a registry, as a place of images.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import type { Readable } from "node:stream";
import { TsbuildError } from "../errors.js";
import {
  type Descriptor,
  type Digest,
  type ImageStore,
  isDigest,
  isIndex,
  isManifest,
  isTag,
  LARGEST_JSON,
  MediaType,
  type PutOptions,
  sha256,
} from "../oci/index.js";
import { type RetryOptions, withRetries } from "../net/index.js";
import { bodyOf } from "./answer.js";
import type { Connection, RegistryRequest, RegistryResponse } from "./connection.js";
import { download } from "./download.js";
import { RegistryError } from "./error.js";
import { openSession, send } from "./upload.js";

export interface RepositoryOptions {
  readonly connection: Connection;
  /** Path in the registry: `library/alpine`. */
  readonly name: string;
  readonly retry: RetryOptions;
  readonly signal?: AbortSignal | undefined;
}

interface Cancelable {
  readonly signal?: AbortSignal;
}

const MANIFEST_TYPES = [
  MediaType.index,
  MediaType.manifest,
  MediaType.dockerManifestList,
  MediaType.dockerManifest,
].join(", ");

export class Repository implements ImageStore {
  readonly #connection: Connection;
  readonly #name: string;
  readonly #retry: RetryOptions;
  readonly #signal: AbortSignal | undefined;
  /** What was read with is widened at the first write: one token does for all that follows. */
  #pushes = false;
  /** Sessions that a registry opened where it did not mount (S-203). */
  readonly #sessions = new Map<Digest, URL>();

  constructor({ connection, name, retry, signal }: RepositoryOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#retry = retry;
    this.#signal = signal;
  }

  async has(blob: Descriptor): Promise<boolean> {
    const { status } = await this.#request({
      method: "HEAD",
      target: this.#path(blob),
      headers: acceptFor(blob),
      expect: [200, 404],
    });
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
    return download(blob, await get(0), get, { ...this.#retry, signal: combined });
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
    const upload = { connection: this.#connection, access: this.#access(), blob, open, signal: this.#combine(signal) };
    try {
      await withRetries(async () => send(this.#takeSession(blob) ?? (await openSession(upload))!, upload), {
        ...this.#retry,
        ...(reopen === undefined && { attempts: 1 }),
        signal: upload.signal,
      });
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
    const upload = { connection: this.#connection, access: { ...this.#access(), from }, signal: this.#combine(signal) };
    try {
      const session = await withRetries(() => openSession(upload, blob), { ...this.#retry, signal: upload.signal });
      if (session !== undefined) this.#sessions.set(blob.digest, session);
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
    const response = await this.#request({ ...request, method: "GET" });
    return response.status === 404 ? undefined : expectDigest(await measured(response), reference);
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array, tag?: string): Promise<void> {
    expectDigest({ ...manifest, digest: sha256(bytes), size: bytes.length }, manifest.digest);
    this.#pushes = true;
    const headers = { "content-type": manifest.mediaType };
    const target = this.#manifestPath(tag ?? manifest.digest);
    const response = await this.#request({ method: "PUT", target, headers, body: bytes, expect: [200, 201, 202] });
    response.body.resume();
    const stored = response.headers["docker-content-digest"];
    if (stored === undefined || stored === manifest.digest) return;
    throw new TsbuildError(
      "digest_mismatch",
      `${this.#connection.registry}: expected to store ${manifest.digest}, stored ${String(stored)}`,
    );
  }

  #request(request: Omit<RegistryRequest, "access">): Promise<RegistryResponse> {
    const signal = request.signal ?? this.#signal;
    return withRetries(() => this.#connection.request({ ...request, access: this.#access(), signal }), {
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

  #takeSession({ digest }: Descriptor): URL | undefined {
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

/** Manifests and indexes are not among a repository's blobs. */
function isNamed({ mediaType }: Descriptor): boolean {
  return isManifest(mediaType) || isIndex(mediaType);
}

function acceptFor(blob: Descriptor): Record<string, string> {
  return isNamed(blob) ? { accept: blob.mediaType } : {};
}

/** What the head of an answer says of a manifest, if it says all. */
function described({ headers }: RegistryResponse): Descriptor | undefined {
  const mediaType = mediaTypeOf(headers["content-type"]);
  const digest = String(headers["docker-content-digest"]);
  const size = Number(headers["content-length"] ?? Number.NaN);
  return isDigest(digest) && size > 0 ? { mediaType, digest, size } : undefined;
}

async function measured({ headers, body, url }: RegistryResponse): Promise<Descriptor> {
  const mediaType = mediaTypeOf(headers["content-type"]);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf({ method: "GET", url }, body)) {
    size += chunk.length;
    if (size > LARGEST_JSON)
      throw new TsbuildError("bad_manifest", `expected a manifest of at most ${LARGEST_JSON} bytes, found more`);
    chunks.push(chunk);
  }
  return { mediaType, digest: sha256(Buffer.concat(chunks)), size };
}

function mediaTypeOf(contentType = ""): string {
  const mediaType = contentType.replace(/;.*/, "").trim();
  if (isManifest(mediaType) || isIndex(mediaType)) return mediaType;
  const hint = mediaType.includes("manifest.v1") ? { hint: "Push the image again with a client of this decade." } : {};
  throw new TsbuildError("bad_manifest", `expected an image manifest or index, found "${mediaType}"`, hint);
}

function expectDigest(manifest: Descriptor, reference: string): Descriptor {
  if (!isDigest(reference) || manifest.digest === reference) return manifest;
  throw new TsbuildError("digest_mismatch", `expected ${reference}, read ${manifest.digest} (${manifest.size} bytes)`);
}
