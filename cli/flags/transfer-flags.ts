// The flags of `tsbuild push` and `tsbuild pull` that say which image is moved, and in which form.
// https://github.com/containers/buildah/blob/main/docs/buildah-push.1.md

import { parseNumber } from "./quantities.js";
import type { PushCommandOptions } from "../../index.js";
import type { Flag, RefusedFlag } from "./flag.js";
import type { FlagValues } from "./flag-values.js";
import { usageError } from "./usage-error.js";

export const DIGEST_FILE: Flag = {
  name: "digestfile",
  kind: "string",
  value: "FILE",
  help: "write the digest of what was copied to this file",
};

export const CONTENT_TRUST: Flag = {
  name: "disable-content-trust",
  kind: "bool",
  always: "Let a policy say what has to be signed: --signature-policy, or tsbuild verify.",
  help: "always the case: keys are named, by sign and verify",
};

export const FORM_FLAGS: readonly Flag[] = [
  {
    name: "format",
    short: "f",
    kind: "string",
    value: "FORMAT",
    choices: ["oci", "docker", "v2s2"],
    help: "media types of OCI, or Docker's (default: as they are)",
  },
  {
    name: "compression-format",
    kind: "string",
    value: "FORMAT",
    choices: ["gzip", "zstd", "estargz", "uncompressed"],
    help: "what layers are compressed with that are not yet",
    details: "The default is gzip. With `--force-compression` the others are compressed anew.",
  },
  {
    name: "compression-level",
    kind: "string",
    value: "N",
    help: "0 to 9 for gzip and estargz, 0 to 22 for zstd",
  },
  { name: "force-compression", kind: "bool", help: "compress anew what is compressed already" },
];

export const PULL_POLICY: Flag = {
  name: "policy",
  kind: "string",
  value: "POLICY",
  choices: ["always", "missing", "never", "newer", "ifmissing", "ifnewer"],
  help: "always (default), missing, never, newer",
  details:
    "`missing` asks no registry when the store has an image of that name for the platform, `never` asks none at all, and `newer` lets a pull fail when there is an image already.",
};

export const PLATFORM_PARTS: readonly Flag[] = [
  { name: "os", kind: "string", value: "OS", help: "the system, in place of this machine's" },
  { name: "arch", kind: "string", value: "ARCH", help: "the architecture, in place of this machine's" },
  { name: "variant", kind: "string", value: "VARIANT", help: "the variant of the architecture" },
];

export const REFUSED_PUSH_FLAGS: readonly RefusedFlag[] = [
  { name: "sign-by", kind: "string", instead: "Sign the image when it is pushed: tsbuild sign --key FILE NAME." },
  { name: "encryption-key", kind: "list", instead: "Encrypt the image with another program: skopeo copy." },
];

export const REFUSED_PULL_FLAGS: readonly RefusedFlag[] = [
  { name: "decryption-key", kind: "list", instead: "Decrypt the image with another program: skopeo copy." },
];

/** Undefined when nothing is said. @throws usage */
export function pushForm(flags: FlagValues): PushCommandOptions["form"] {
  const format = flags.text("format");
  const compression = flags.text("compression-format") as Form["compression"];
  const level = flags.text("compression-level");
  if (compression === "zstd" && format !== undefined && format !== "oci")
    throw usageError("--compression-format zstd needs the media types of OCI", "Leave --format out, or write oci.");
  const form = {
    ...(format !== undefined && { ociMediaTypes: format === "oci" }),
    ...(compression !== undefined && { compression }),
    ...(level !== undefined && { compressionLevel: parseLevel(level, compression) }),
    ...(flags.bool("force-compression") && { forceCompression: true }),
  };
  return Object.keys(form).length > 0 ? form : undefined;
}

type Form = NonNullable<PushCommandOptions["form"]>;

function parseLevel(text: string, compression: Form["compression"] = "gzip"): number {
  const level = parseNumber(text, "--compression-level", { least: 0 });
  const most = compression === "zstd" ? 22 : 9;
  if (level <= most) return level;
  throw usageError(`--compression-level ${text}: expected 0 to ${most} for ${compression}`);
}

/** What --platform says, or --os, --arch and --variant. @throws usage for both */
export function platformOf(flags: FlagValues): string | undefined {
  const [os, architecture, variant] = ["os", "arch", "variant"].map((name) => flags.text(name));
  const parts = platformOfParts({ os, architecture, variant });
  if (parts === undefined) return flags.text("platform");
  if (flags.textOfLine("platform") === undefined) return parts;
  throw usageError("--platform says what --os, --arch and --variant do", "Leave one of them out.");
}

export interface PlatformParts {
  readonly os: string | undefined;
  readonly architecture: string | undefined;
  readonly variant: string | undefined;
}

/** Undefined when there are none. @throws usage for a variant of nothing */
export function platformOfParts({ os, architecture, variant }: PlatformParts): string | undefined {
  if (architecture !== undefined) return [os ?? "linux", architecture, ...(variant ? [variant] : [])].join("/");
  if (variant === undefined) return os;
  throw usageError("the variant of an architecture is given, expected the architecture too", "Add it.");
}
