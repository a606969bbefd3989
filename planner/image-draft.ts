// What an image config has many of, while lines add to it: variables, labels, ports and volumes.
// https://github.com/opencontainers/image-spec/blob/main/config.md

import type { ImageConfig } from "../oci/index.js";
import { PersistentMap } from "./persistent-map.js";
import { splitVariable } from "./scope.js";

/** Immutable. Takes the place of the fields of the config that it is made from, until `withEntries` writes them. */
export interface ImageEntries {
  /** `NAME=value` by name. */
  readonly env: PersistentMap<string, string>;
  readonly labels: PersistentMap<string, string>;
  readonly ports: PersistentMap<string, Record<string, never>>;
  readonly volumes: PersistentMap<string, Record<string, never>>;
}

export function entriesOf({ config }: ImageConfig): ImageEntries {
  return {
    env: PersistentMap.of((config.Env ?? []).map((variable) => [splitVariable(variable)[0], variable])),
    labels: PersistentMap.of(Object.entries(config.Labels ?? {})),
    ports: PersistentMap.of(Object.entries(config.ExposedPorts ?? {})),
    volumes: PersistentMap.of(Object.entries(config.Volumes ?? {})),
  };
}

/** Sets variables in their place, or at the end when they are new. */
export function addVariables(entries: ImageEntries, pairs: readonly (readonly [string, string])[]): ImageEntries {
  return { ...entries, env: entries.env.with(pairs.map(([name, value]) => [name, `${name}=${value}`])) };
}

/** Adds keys to a set that the config writes as an object of empty objects. */
export function addKeys(entries: ImageEntries, field: "ports" | "volumes", keys: readonly string[]): ImageEntries {
  return { ...entries, [field]: entries[field].with(keys.map((key) => [key, {}])) };
}

/** The config with the entries written out. A field that never had any stays as it is. */
export function withEntries(image: ImageConfig, { env, labels, ports, volumes }: ImageEntries): ImageConfig {
  const config = {
    ...image.config,
    ...(!env.isEmpty && { Env: Array.from(env, ([, variable]) => variable) }),
    ...(!labels.isEmpty && { Labels: Object.fromEntries(labels) }),
    ...(!ports.isEmpty && { ExposedPorts: Object.fromEntries(ports) }),
    ...(!volumes.isEmpty && { Volumes: Object.fromEntries(volumes) }),
  };
  return { ...image, config };
}
