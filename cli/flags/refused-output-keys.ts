// Attributes of --output that BuildKit has and tsbuild does not honour. What asks for what is done anyway is accepted.
// https://github.com/moby/buildkit#imageregistry

import { usageError } from "./usage-error.js";
import { parseBool } from "./values.js";

interface RefusedKey {
  /** The value that changes nothing. @default none */
  readonly harmless?: boolean;
  readonly instead: string;
}

const KEYS: Readonly<Record<string, RefusedKey>> = {
  unpack: { harmless: false, instead: "Leave it out: layers are unpacked when something runs on them." },
  "prefer-nondist-layers": { harmless: false, instead: "Leave it out: layers of all kinds are pushed." },
  "attestation-inline": {
    harmless: true,
    instead: "Leave --provenance and --sbom out for images without attestations.",
  },
  buildinfo: { harmless: false, instead: "Use --provenance=true: it tells what buildinfo told." },
  "buildinfo-attrs": { harmless: false, instead: "Use --provenance=mode=max: it tells what buildinfo told." },
};

/** Whether a key is one of these, and its value changes nothing. @throws usage for a value that would */
export function isWithoutEffect(key: string, value: string, type: string): boolean {
  const refused = KEYS[key];
  if (!refused) return false;
  if (parseBool(value, `--output ${key}`) === refused.harmless) return true;
  throw usageError(`--output type=${type}: ${key} is not supported by this version`, refused.instead);
}
