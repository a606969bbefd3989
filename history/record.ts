// What is kept of a past build: `builds/<id>/build.json` (docs/formats.md). It has names of build arguments, never the
// values of secrets; what a step read is in the cache record that its key names.

import type { Digest } from "../oci/index.js";
import type { Because } from "../progress.js";

export interface BuildRecord {
  readonly version: 1;
  /** `20260131T120000123-9f3a`: sorts by time. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly started: string;
  /** Absent while the build runs, and of a build that was killed. */
  readonly ended?: string;
  readonly status: BuildStatus;
  /** What the user asked for. */
  readonly asked: BuildRequest;
  /** Names the Dockerfile, its context and the platform: builds with the same are compared. Absent when it ended before. */
  readonly scope?: string;
  /** Why it failed. */
  readonly message?: string;
  /** The image's config, or the index of several platforms. */
  readonly imageId?: Digest;
  /** The manifest, or the index. */
  readonly digest?: Digest;
  /** Base images, `docker.io/library/node:20@sha256:…`, by the names that steps have for them. */
  readonly images?: Readonly<Record<string, string>>;
  /** In the order of the Dockerfile. */
  readonly steps: readonly StepRecord[];
}

/** `running` of a process that is gone reads as `killed`. */
export type BuildStatus = "running" | "done" | "failed" | "canceled" | "killed";

export interface BuildRequest {
  /** As it was given: a directory, made absolute; a URL; `-` for a stream. */
  readonly context: string;
  readonly dockerfile?: string;
  readonly target?: string;
  readonly platform?: string;
  readonly tags: readonly string[];
  /** Names only. */
  readonly buildArgs: readonly string[];
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
}

export interface StepRecord {
  /** Names the step's log. */
  readonly vertex: string;
  /** `[builder 2/5] RUN npm ci` */
  readonly name: string;
  readonly stage?: string;
  /** First and last line of the instruction. */
  readonly lines?: readonly [number, number];
  readonly status: "pending" | "ran" | "cached" | "failed" | "canceled";
  /** RFC 3339, UTC. */
  readonly started?: string;
  /** Milliseconds. */
  readonly duration?: number;
  /** Milliseconds that a cached step took when it was made. */
  readonly saved?: number;
  readonly why?: string;
  /** The class of `why`. */
  readonly because?: Because;
  /** Names the base image in `images`. */
  readonly base?: string;
  readonly message?: string;
  /** The name of its cache record. */
  readonly key?: string;
  readonly layer?: { readonly digest: Digest; readonly size: number };
}

const STATUSES: readonly unknown[] = ["running", "done", "failed", "canceled", "killed"];

export function isBuildStatus(value: unknown): value is BuildStatus {
  return STATUSES.includes(value);
}

export function isBuildRecord(value: unknown): value is BuildRecord {
  const record = value as BuildRecord | undefined;
  return (
    record?.version === 1 &&
    typeof record.id === "string" &&
    typeof record.started === "string" &&
    isBuildStatus(record.status) &&
    Array.isArray(record.steps) &&
    Array.isArray(record.asked?.tags)
  );
}
