// What of the options of a build its parts ask for, and no more.

import type { ConfigEdits, Squash } from "../outputs/index.js";
import type { ResolvedOptions } from "./resolved-options.js";
import { version } from "../version.js";

/** What the planner asks for; of several platforms the first. */
export function planOptions(options: ResolvedOptions) {
  const { target, platforms, buildArgs, labels, inheritLabels, noCacheFilter, network, allow, mounts, devices } =
    options;
  const [platform] = platforms;
  return {
    ...(target !== undefined && { target }),
    ...(platform && { platform }),
    buildArgs,
    labels,
    inheritLabels,
    noCache: options.noCache && (options.verifyReproducible ? ("--verify-reproducible" as const) : true),
    noCacheFilter,
    network,
    entitlements: allow,
    mounts,
    devices,
  };
}

/** What changes images that are built. */
export function finishOptions({
  squash,
  unsetEnv,
  unsetLabels,
  labels,
  omitHistory,
  identityLabel,
  osVersion,
  osFeatures,
}: ResolvedOptions): ConfigEdits & { readonly squash?: Squash } {
  return {
    unsetEnv,
    unsetLabels: unsetLabels.filter((name) => labels[name] === undefined),
    omitHistory,
    osFeatures,
    ...(osVersion !== undefined && { osVersion }),
    ...(squash !== undefined && { squash }),
    ...(identityLabel && { addLabels: { "io.tsbuild.version": version } }),
  };
}

/** Ends what runs; nothing where nobody can end it. */
export function signalOf({ signal }: ResolvedOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The options of a build that makes no image and leaves nothing elsewhere. */
export function withoutImage({ signBy: _, ...options }: ResolvedOptions): ResolvedOptions {
  return { ...options, outputs: [], cacheTo: [], cacheMountsTo: [], provenance: false, sbom: false };
}
