// What an index says of one of its images, changed by hand.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions

import { type Descriptor, parsePlatform, type Platform } from "../oci/index.js";

export interface IndexEntryEdits {
  /** Replaces what the image says of itself: `linux/arm64/v8`. */
  readonly platform?: string;
  /** Replace parts of the platform; a variant that is empty is taken away. */
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  /** Empty takes it away. */
  readonly osVersion?: string;
  /** None takes them away. */
  readonly osFeatures?: readonly string[];
  /** Added to the entry. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @throws bad_platform */
export function editedEntry(entry: Descriptor, edits: IndexEntryEdits): Descriptor {
  const platform = editedPlatform(entry.platform, edits);
  const all = { ...entry.annotations, ...edits.annotations };
  return { ...entry, ...(platform && { platform }), ...(Object.keys(all).length > 0 && { annotations: all }) };
}

export function editsPlatform(edits: IndexEntryEdits): boolean {
  const { platform, osVersion, osFeatures } = edits;
  return editsNames(edits) || [platform, osVersion, osFeatures].some((part) => part !== undefined);
}

function editedPlatform(own: Platform | undefined, edits: IndexEntryEdits): Platform | undefined {
  const base = edits.platform === undefined ? own : asWritten(edits.platform);
  const named = editsNames(edits) ? withNames(base, edits) : base;
  return named && withSystem(named, edits);
}

type Names = Pick<IndexEntryEdits, "os" | "architecture" | "variant">;

function editsNames({ os, architecture, variant }: Names): boolean {
  return [os, architecture, variant].some((part) => part !== undefined);
}

function withNames(base: Platform | undefined, { os, architecture, variant }: Names): Platform {
  const parts = [os ?? base?.os, architecture ?? base?.architecture, variant ?? (architecture ? "" : base?.variant)];
  const { variant: _, ...others } = base ?? {};
  const text = parts.map((part) => part ?? "").join("/");
  return { ...others, ...asWritten(text.replace(/\/$/, "")) };
}

function withSystem(platform: Platform, { osVersion, osFeatures }: IndexEntryEdits): Platform {
  const { "os.version": version, "os.features": features, ...others } = platform;
  const [wantedVersion, wantedFeatures] = [osVersion ?? version, osFeatures ?? features];
  return {
    ...others,
    ...(wantedVersion && { "os.version": wantedVersion }),
    ...(wantedFeatures && wantedFeatures.length > 0 && { "os.features": wantedFeatures }),
  };
}

/** With the variant that was asked for, also where it is the usual one, as docker and podman write it: `linux/arm64/v8`. */
function asWritten(text: string): Platform {
  const platform = parsePlatform(text);
  const variant = text.split("/")[2]?.toLowerCase() ?? "";
  if (variant === "" || platform.variant !== undefined) return platform;
  return { ...platform, variant: variant.replace(/^(?=\d)/, "v") };
}
