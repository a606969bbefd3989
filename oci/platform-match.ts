// Which platforms can run on which, best first, as containerd orders them (S-071).
// https://pkg.go.dev/github.com/containerd/platforms#Only

import { TsbuildError } from "../errors.js";
import type { Descriptor } from "./descriptor.js";
import type { Index } from "./manifest.js";
import { formatPlatform, normalizePlatform, type Platform } from "./platform.js";

/**
 * How well an image of `offered` runs on `wanted`: 0 is the same platform, larger numbers are older variants, undefined
 * means not at all.
 */
export function matchPlatform(wanted: Platform, offered: Platform): number | undefined {
  const offer = normalizePlatform(offered);
  if (wanted["os.version"] !== undefined && wanted["os.version"] !== offer["os.version"]) return undefined;
  const rank = runnable(normalizePlatform(wanted)).indexOf(spelling(offer));
  return rank < 0 ? undefined : rank;
}

/**
 * The manifest of an index that suits a platform best; the first of equals. One without a platform is taken when no
 * other suits, since its config may.
 * @param name what the error calls the index
 * @throws platform_not_found
 */
export function selectManifest(index: Index, platform: Platform, name = "the index"): Descriptor {
  let best: { readonly manifest: Descriptor; readonly rank: number } | undefined;
  for (const manifest of index.manifests) {
    const rank = manifest.platform === undefined ? Number.MAX_SAFE_INTEGER : matchPlatform(platform, manifest.platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { manifest, rank };
  }
  if (best !== undefined) return best.manifest;
  throw new TsbuildError(
    "platform_not_found",
    `${name}: expected an image for ${formatPlatform(platform)}, found ${offers(index)}`,
    {
      hint: "Choose one of these with --platform.",
    },
  );
}

/** Spellings of all platforms that `platform` can run, best first. */
function runnable(platform: Platform): string[] {
  const { os, architecture, variant = "" } = platform;
  const of = (name: string, variants: readonly string[]) =>
    variants.map((each) => spelling({ os, architecture: name, variant: each }));
  switch (architecture) {
    case "amd64":
      return [...of("amd64", countDown(variant || "v1", 1).map(dropFirst)), ...of("386", [""])];
    case "arm":
      return of("arm", countDown(variant, 5));
    case "arm64":
      return [...of("arm64", arm64Variants(variant)), ...of("arm", countDown("v8", 5))];
    default:
      return [spelling(platform)];
  }
}

/** `v3` down to `v1`: v3, v2, v1. A variant that is not a number stands alone. */
function countDown(variant: string, lowest: number): string[] {
  const highest = Number(/^v(\d{1,2})$/.exec(variant)?.[1] ?? Number.NaN);
  if (Number.isNaN(highest)) return [variant];
  return Array.from({ length: Math.max(1, highest - lowest + 1) }, (_, index) => `v${highest - index}`);
}

function dropFirst(variant: string): string {
  return variant === "v1" ? "" : variant;
}

/** Armv9.N runs all that Armv8.(N+5) runs. */
function arm64Variants(variant: string): string[] {
  const [, major, minor] = /^v([89])(?:\.(\d))?$/.exec(variant || "v8") ?? [];
  if (major === undefined) return [variant];
  const from = Number(minor ?? 0);
  const eights = (highest: number) =>
    Array.from({ length: highest + 1 }, (_, index) => (index === highest ? "" : `v8.${highest - index}`));
  if (major === "8") return eights(from);
  const nines = Array.from({ length: from + 1 }, (_, index) => (index === from ? "v9" : `v9.${from - index}`));
  return [...nines, ...eights(Math.min(9, from + 5))];
}

function spelling({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}/${variant ?? ""}`;
}

function offers(index: Index): string {
  const platforms = index.manifests.flatMap(({ platform }) =>
    platform && platform.os !== "unknown" ? [formatPlatform(normalizePlatform(platform))] : [],
  );
  return platforms.length === 0 ? "no image" : [...new Set(platforms)].join(", ");
}
