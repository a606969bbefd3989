// What a build knows of how it made an image: all that provenance is written from, in whatever version.
// https://docs.docker.com/build/metadata/attestations/slsa-provenance/

import type { Digest } from "../oci/index.js";

/** Something that the build read and did not make. */
export interface Material {
  /** A package URL of an image, the URL of a file, or of a repository with its ref. */
  readonly uri: string;
  readonly digest: { readonly sha256: Digest } | { readonly sha1: string };
}

export interface ProvenanceStep {
  readonly name: string;
  /** Positions of the steps that it reads. */
  readonly inputs: readonly number[];
  readonly lines?: readonly [number, number];
}

export interface ProvenanceFacts {
  readonly builder: { readonly id: string; readonly version: string; readonly platform: string };
  /** Where the Dockerfile and the context are when they are not of this machine. */
  readonly source?: Material;
  /** Its path from the context, or its name when it is elsewhere. */
  readonly dockerfile: { readonly path: string; readonly content: Uint8Array };
  readonly target?: string;
  readonly platform?: string;
  readonly noCache: boolean;
  /** With `mode=max` only. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Ids of secrets and agents that steps may use, never values. */
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly materials: readonly Material[];
  readonly steps: readonly ProvenanceStep[];
  /** The repository that the context is a work tree of. */
  readonly vcs?: { readonly source?: string; readonly revision: string };
  /** Absent when the image must be the same whenever it is built. */
  readonly times?: { readonly started: Date; readonly finished: Date; readonly invocation: string };
}

export interface ProvenanceOptions {
  /** min: what an image was made from. max: the build arguments, the Dockerfile and its steps too. */
  readonly mode: "min" | "max";
  /** Of the SLSA provenance format. @default "v1" */
  readonly version?: "v1" | "v0.2";
  /** The build used nothing that its Dockerfile does not name by digest: the user says so. @default false */
  readonly reproducible?: boolean;
  /** Only outputs of images have it, and no files. @default false */
  readonly inlineOnly?: boolean;
}
