// What users say of caches beyond the store: where they are read from, and where they are written to.
// https://docs.docker.com/build/cache/backends/

import type { Compression } from "../oci/index.js";

/** Where a cache is in an S3-compatible store. */
export interface S3Cache {
  readonly type: "s3";
  readonly bucket: string;
  /** @default $AWS_REGION, $AWS_DEFAULT_REGION */
  readonly region?: string;
  /** Names the cache in the bucket. @default "tsbuild" */
  readonly name?: string;
  /** In front of every object's name. @default "" */
  readonly prefix?: string;
  /** @default "blobs/" */
  readonly blobsPrefix?: string;
  /** @default "manifests/" */
  readonly manifestsPrefix?: string;
  /** Of another server than Amazon's: `https://minio.corp:9000`. */
  readonly endpointUrl?: string;
  /** The bucket is in the path of a URL, not in its host. @default false, true with an endpointUrl */
  readonly usePathStyle?: boolean;
  /** @default $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY, $AWS_SESSION_TOKEN; without any, requests are not signed */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
}

/** The cache of GitHub Actions. */
export interface GithubCache {
  readonly type: "gha";
  /** @default $ACTIONS_RESULTS_URL */
  readonly url?: string;
  /** @default $ACTIONS_RUNTIME_TOKEN */
  readonly token?: string;
  /** Caches of different scopes have nothing to do with each other. @default "tsbuild" */
  readonly scope?: string;
}

export interface RegistryCache {
  readonly type: "registry";
  /** `REGISTRY/REPOSITORY:TAG` of a cache, or of an image that was built with an inline cache. */
  readonly ref: string;
  /** Caches of different scopes have tags of their own: `TAG-SCOPE`. @default "" */
  readonly scope?: string;
}

/** An OCI image layout in a directory. */
export interface LocalCache {
  readonly type: "local";
  readonly directory: string;
  /** @default "latest" */
  readonly tag?: string;
  /** For reading: of the manifest, in place of a tag. */
  readonly digest?: string;
  /** @default "" */
  readonly scope?: string;
}

export type CacheSource = RegistryCache | LocalCache | S3Cache | GithubCache;

/** Where contents of cache mounts are read from. */
export type MountsSource = RegistryCache | LocalCache;

/** Where contents of cache mounts are written to. */
export type MountsTarget = MountsSource & {
  /** Bytes: larger mounts stay on this machine. @default 2 GiB */
  readonly maxSize?: number;
};

export interface CacheExportOptions {
  /** min: layers of the image, and only records of the steps beside it. max: layers of all steps. @default "min" */
  readonly mode?: "min" | "max";
  /** A cache that cannot be written is a warning. @default false */
  readonly ignoreError?: boolean;
  /** Of layers that are not compressed yet. @default "gzip" */
  readonly compression?: Compression;
  /** @default what the compression has for good and quick */
  readonly compressionLevel?: number;
  /** Compress anew what is compressed otherwise. @default false */
  readonly forceCompression?: boolean;
}

/** inline: in the config of the image itself, for `type=registry` of the image's name. */
export type CacheTarget = { readonly type: "inline" } | (CacheSource & CacheExportOptions);
