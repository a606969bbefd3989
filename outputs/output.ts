// Where a finished image goes, and in which form.
// https://docs.docker.com/reference/cli/docker/buildx/build/#output

import type { Writable } from "node:stream";
import type { Annotation } from "./annotations.js";

/** What all outputs have that write an image, and not only its files. */
export interface ImageOutputOptions {
  /** Names in this output, in place of the tags of the build. @default the tags */
  readonly names?: readonly string[];
  /** @default uncompressed for the store and for Docker, gzip for what leaves this machine */
  readonly compression?: "uncompressed" | "gzip" | "zstd" | "estargz";
  /** gzip and estargz: 0 to 9. zstd: 0 to 22. @default 4 for gzip, 3 for zstd */
  readonly compressionLevel?: number;
  /** Whether layers of the base image are compressed anew as well. @default false */
  readonly forceCompression?: boolean;
  /** Media types of OCI, or Docker's. @default true, but for `docker` */
  readonly ociMediaTypes?: boolean;
  /** Whether files in new layers that are newer than SOURCE_DATE_EPOCH get that time. @default false */
  readonly rewriteTimestamp?: boolean;
  /** Whether attestations have an artifact type and the image as their subject, for registries that list referrers. @default false */
  readonly ociArtifact?: boolean;
  /** Beside those of the build. @default [] */
  readonly annotations?: readonly Annotation[];
}

export interface PushOptions {
  /** Push the manifest under no tag. @default false */
  readonly pushByDigest?: boolean;
  /** Name the image `NAME@DIGEST` as well. @default false */
  readonly nameCanonical?: boolean;
  /** Whether the registries of the names may be spoken to in plain HTTP, or with a certificate that nobody knows. @default false */
  readonly insecure?: boolean;
}

export interface ImageOutput extends ImageOutputOptions, PushOptions {
  /** The local store, under the names. */
  readonly type: "image";
  /** Also to the registries of the names. @default false */
  readonly push?: boolean;
  /** Whether the store keeps the image. @default true */
  readonly store?: boolean;
  /** The store has an image without a name as `PREFIX@DIGEST`. @default it has none */
  readonly danglingNamePrefix?: string;
}

export interface RegistryOutput extends ImageOutputOptions, PushOptions {
  /** The registries of the names. */
  readonly type: "registry";
}

export interface OciOutput extends ImageOutputOptions {
  /** An OCI image layout: a tar, or a directory when `tar` is false. */
  readonly type: "oci";
  readonly dest: string | Writable;
  readonly tar?: boolean;
}

export interface DockerOutput extends ImageOutputOptions {
  /** For `docker load`: an archive, a directory when `tar` is false; without `dest`, docker or podman loads it at once. */
  readonly type: "docker";
  readonly dest?: string | Writable;
  readonly tar?: boolean;
  /** The context of docker that loads it. @default the current one, or podman */
  readonly context?: string;
}

export interface LocalOutput {
  /** The files of the image in a directory. */
  readonly type: "local";
  readonly dest: string;
  /** `copy` keeps what else is in the directory, `delete` removes it. @default "copy" */
  readonly mode?: "copy" | "delete";
  /** Whether files of several platforms have a directory for each. @default true */
  readonly platformSplit?: boolean;
  /** Stands before the names of the files that tell of the image. @default "" */
  readonly attestationPrefix?: string;
}

export interface TarOutput {
  /** The files of the image as a tar. */
  readonly type: "tar";
  readonly dest: string | Writable;
  readonly platformSplit?: boolean;
  /** As of `local`. @default "" */
  readonly attestationPrefix?: string;
}

export interface CacheOnlyOutput {
  /** Nowhere: the steps are in the cache. */
  readonly type: "cacheonly";
}

export type OutputSpec =
  | ImageOutput
  | RegistryOutput
  | OciOutput
  | DockerOutput
  | LocalOutput
  | TarOutput
  | CacheOnlyOutput;

export type ImageSpec = ImageOutput | RegistryOutput | OciOutput | DockerOutput;

export function isPushed(output: OutputSpec): boolean {
  return output.type === "registry" || (output.type === "image" && output.push === true);
}

/** Whether docker or podman takes the image at once. */
export function loadsImage(output: OutputSpec): output is DockerOutput {
  return output.type === "docker" && output.dest === undefined;
}

/** Whether the image is pushed under no tag. */
export function isPushedByDigest(output: OutputSpec): boolean {
  return isPushed(output) && "pushByDigest" in output && output.pushByDigest === true;
}

/** Whether what is written is an image, with a manifest. */
export function writesImage(output: OutputSpec): output is ImageSpec {
  return output.type !== "local" && output.type !== "tar" && output.type !== "cacheonly";
}
