// The image config, with the fields that Docker adds and BuildKit writes (S-149).
// https://github.com/opencontainers/image-spec/blob/main/config.md

import * as v from "valibot";
import type { Digest } from "./digest.js";
import type { Platform } from "./platform.js";
import { digestSchema, parseUntrusted, stringMapSchema } from "./untrusted-json.js";

export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly created?: string;
  readonly author?: string;
  readonly config: ContainerConfig;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history: readonly History[];
}

export interface ContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  /** `NAME=value`, in order. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
  readonly Healthcheck?: Healthcheck;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
}

/** Durations are in nanoseconds; 0 or absent means inherit. */
export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface History {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True when the entry made no layer. Entries without it stand for the layers, in order (S-154). */
  readonly empty_layer?: boolean;
}

const text = v.exactOptional(v.string());
const words = v.exactOptional(v.array(v.string()));
const flag = v.exactOptional(v.boolean());
const names = v.exactOptional(
  v.pipe(
    v.record(v.string(), v.object({})),
    v.transform((set): Record<string, Record<string, never>> =>
      Object.fromEntries(Object.keys(set).map((name) => [name, {}])),
    ),
  ),
);
const integer = v.exactOptional(v.pipe(v.number(), v.integer()));

const healthcheckSchema = v.object({
  Test: words,
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

const containerSchema = v.object({
  User: text,
  ExposedPorts: names,
  Env: words,
  Entrypoint: words,
  Cmd: words,
  Volumes: names,
  WorkingDir: text,
  Labels: v.exactOptional(stringMapSchema),
  StopSignal: text,
  ArgsEscaped: flag,
  Healthcheck: v.exactOptional(healthcheckSchema),
  OnBuild: words,
  Shell: words,
});

const historySchema = v.object({ created: text, created_by: text, author: text, comment: text, empty_layer: flag });

const configSchema = v.object({
  architecture: v.string(),
  os: v.string(),
  variant: text,
  "os.version": text,
  "os.features": words,
  created: text,
  author: text,
  config: v.optional(containerSchema, {}),
  rootfs: v.object({ type: v.literal("layers"), diff_ids: v.optional(v.array(digestSchema), []) }),
  history: v.optional(v.array(historySchema), []),
});

/** What the image of this config runs on, without the version of its system. */
export function platformOfConfig({ os, architecture, variant }: Omit<Platform, "os.version">): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** Reads an image config. Fields that this page does not name are left out. @throws bad_manifest */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  return parseUntrusted(bytes, configSchema, "image config");
}
