// The image config as it grows from line to line: functions that return a new one.
// https://github.com/opencontainers/image-spec/blob/main/config.md

import type { ContainerConfig, ImageConfig, Platform } from "../oci/index.js";
import { splitVariable } from "./scope.js";

/** What RUN and the image have when the base image sets no PATH (S-061). */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** The config of `scratch` (S-062). */
export function scratchConfig(platform: Platform): ImageConfig {
  return withPlatform(
    {
      os: platform.os,
      architecture: platform.architecture,
      config: { WorkingDir: "/" },
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    },
    platform,
  );
}

/** What a stage takes from its base image: everything but its triggers (S-063, S-072). `created` is the base's until the build sets it. */
export function inheritConfig(base: ImageConfig): ImageConfig {
  return withoutConfig(base, "OnBuild");
}

/** Adds PATH where there is none. */
export function withPath(image: ImageConfig): ImageConfig {
  const env = image.config.Env ?? [];
  if (image.os === "windows" || env.some((variable) => splitVariable(variable)[0] === "PATH")) return image;
  return configure(image, { Env: [...env, `PATH=${DEFAULT_PATH}`] });
}

export function configure(image: ImageConfig, changes: ContainerConfig): ImageConfig {
  return { ...image, config: { ...image.config, ...changes } };
}

export function withoutConfig(image: ImageConfig, field: keyof ContainerConfig): ImageConfig {
  const { [field]: _removed, ...config } = image.config;
  return { ...image, config };
}

export function withLabels(image: ImageConfig, labels: Readonly<Record<string, string>>): ImageConfig {
  return configure(image, { Labels: { ...image.config.Labels, ...labels } });
}

/** The arguments of a command in shell form, for the SHELL in force. */
export function withShell(image: ImageConfig, command: string): readonly string[] {
  const shell = image.config.Shell;
  return [...(shell?.length ? shell : DEFAULT_SHELL), command];
}

/** Makes the image say that it is for `platform`. An os.version of the base stays unless `platform` has one (S-176). */
export function withPlatform(image: ImageConfig, platform: Platform): ImageConfig {
  const same = image.os === platform.os && image.architecture === platform.architecture;
  const { variant, "os.version": version, ...rest } = image;
  const newVariant = platform.variant ?? (same ? variant : undefined);
  const newVersion = platform["os.version"] ?? (same ? version : undefined);
  return {
    ...rest,
    os: platform.os,
    architecture: platform.architecture,
    ...(newVariant !== undefined && { variant: newVariant }),
    ...(newVersion !== undefined && { "os.version": newVersion }),
  };
}

/** Orders what has no order of its own by name, so that equal images have equal bytes. */
export function sorted(image: ImageConfig): ImageConfig {
  const { Labels, ExposedPorts, Volumes } = image.config;
  return configure(image, {
    ...(Labels && { Labels: sortKeys(Labels) }),
    ...(ExposedPorts && { ExposedPorts: sortKeys(ExposedPorts) }),
    ...(Volumes && { Volumes: sortKeys(Volumes) }),
  });
}

function sortKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
