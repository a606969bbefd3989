// A cache in a bucket of an S3-compatible server.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html

import { TsbuildError } from "../../../errors.js";
import { hexOf, sha256 } from "../../../oci/index.js";
import type { CachePlace, PlaceEnvironment } from "../../place.js";
import { s3Name } from "../../s3-name.js";
import type { S3Cache } from "../../spec.js";
import { type CacheAnswer, CacheHttp, type CacheRequest } from "../http.js";
import { objectCache, type ObjectStore } from "../objects.js";
import { s3Settings } from "./settings.js";
import { EMPTY_PAYLOAD, encode, type S3Credentials, signedHeaders } from "./signature.js";

/** What one PUT may carry. */
const LARGEST_OBJECT = 5 * 1024 ** 3;

/** @throws usage when something that has no default is missing */
export function openS3(options: S3Cache, { env, signal }: PlaceEnvironment): CachePlace {
  return objectCache(new S3Objects(options, { env, signal }), "");
}

class S3Objects implements ObjectStore {
  readonly name: string;
  readonly #options: S3Cache;
  readonly #region: string;
  readonly #credentials: S3Credentials | undefined;
  readonly #http: CacheHttp;

  constructor(options: S3Cache, { env, signal }: PlaceEnvironment) {
    this.name = s3Name(options);
    this.#options = options;
    const { region, credentials } = s3Settings(options, env);
    this.#region = region;
    this.#credentials = credentials;
    this.#http = new CacheHttp({ environment: env, signal, explain });
  }

  async has({ digest, size }: Parameters<ObjectStore["has"]>[0]): Promise<boolean> {
    const { status, body } = await this.#send({ method: "HEAD", object: this.#blob(digest), expect: [200, 404] });
    body.resume();
    return status === 200 && Number(body.headers["content-length"] ?? size) === size;
  }

  get: ObjectStore["get"] = ({ digest }, options) => this.#get(this.#blob(digest), options);

  getIndex: ObjectStore["getIndex"] = (options) => this.#get(this.#index(), options);

  put: ObjectStore["put"] = async ({ digest, size }, body, options) => {
    if (size > LARGEST_OBJECT)
      throw new TsbuildError(
        "cache_unavailable",
        `expected layers of at most 5 GiB for S3, found one of ${size} bytes`,
      );
    await this.#put(this.#blob(digest), { ...options, body, payload: hexOf(digest) });
  };

  putIndex: ObjectStore["putIndex"] = (body, options) =>
    this.#put(this.#index(), { ...options, body, payload: hexOf(sha256(body)) });

  async #get(object: string, { signal }: { readonly signal?: AbortSignal }): Promise<CacheAnswer | undefined> {
    const answer = await this.#send({ method: "GET", object, expect: [200, 404], signal });
    if (answer.status === 200) return answer;
    answer.body.resume();
    return undefined;
  }

  async #put(object: string, request: Pick<S3Request, "body" | "payload" | "signal" | "retry">): Promise<void> {
    const { body } = await this.#send({ method: "PUT", object, expect: [200, 201, 204], ...request });
    body.resume();
  }

  #send({ object, payload = EMPTY_PAYLOAD, method, ...rest }: S3Request): Promise<CacheAnswer> {
    const url = this.#url(object);
    const signable = { method, url, payload, region: this.#region, now: Date.now() };
    const headers = this.#credentials ? signedHeaders(signable, this.#credentials) : {};
    return this.#http.send({ ...rest, method, url, headers });
  }

  #url(object: string): URL {
    const { bucket, endpointUrl, usePathStyle = endpointUrl !== undefined } = this.#options;
    const url = new URL(endpointUrl ?? `https://s3.${this.#region}.amazonaws.com`);
    if (!usePathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const names = [...(usePathStyle ? [bucket] : []), ...object.split("/")];
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${names.map(encode).join("/")}`;
    return url;
  }

  #blob(digest: string): string {
    const { prefix = "", blobsPrefix = "blobs/" } = this.#options;
    return `${prefix}${blobsPrefix}${digest}`;
  }

  #index(): string {
    const { prefix = "", manifestsPrefix = "manifests/", name = "tsbuild" } = this.#options;
    return `${prefix}${manifestsPrefix}${name}`;
  }
}

type S3Request = Omit<CacheRequest, "url" | "headers"> & {
  readonly object: string;
  /** sha256 of the body, in hex. @default that of nothing */
  readonly payload?: string;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function explain(text: string): string {
  const part = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";
  return [part("Code"), part("Message")].filter((word) => word !== "").join(": ");
}
