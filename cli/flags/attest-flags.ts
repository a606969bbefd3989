// What a build says of its image: --provenance, --sbom, and --attest, which is either.
// https://docs.docker.com/reference/cli/docker/buildx/build/#attest

import type { BuildOptions } from "../../index.js";
import type { Flag } from "./flag.js";
import type { FlagValues } from "./flag-values.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

export const ATTEST_FLAGS: readonly Flag[] = [
  {
    name: "provenance",
    kind: "string",
    value: "BOOL|mode=MODE",
    help: "attach how the image was made (default: false)",
    details:
      "`true` and `mode=min` tell the base images, the sources and the repository; `mode=max` the build arguments, the Dockerfile and its steps too. Further keys: `builder-id=URL`, `reproducible=true`, `version=v0.2` (older SLSA; default v1), `inline-only=true` (none beside files). The image then is an index, with the attestation beside it, as BuildKit has it; with `-o` of files it is `provenance.json`, and an SBOM `sbom.spdx.json`, among them. With SOURCE_DATE_EPOCH it has no times.",
  },
  {
    name: "sbom",
    kind: "string",
    value: "true|false",
    help: "attach the list of software in the image, as SPDX",
    details:
      "Packages of Debian, Alpine, Node, Python and Go are read from the image; nothing of it is run. `ARG BUILDKIT_SBOM_SCAN_STAGE=true` in a stage adds an SBOM of that stage, `ARG BUILDKIT_SBOM_SCAN_CONTEXT=true` one of the build context; before the first FROM they hold for all stages.",
  },
  {
    name: "attest",
    rare: true,
    kind: "list",
    value: "type=sbom|provenance[,KEY=VALUE]",
    help: "the same in docker's long form; may be repeated",
  },
  {
    name: "sign-by",
    rare: true,
    kind: "string",
    value: "KEY",
    help: "sign what is pushed with this private key, as cosign does",
    details:
      "A file in PEM or as cosign encrypts it, or env://NAME. The password of an encrypted key is taken from COSIGN_PASSWORD.",
  },
];

type Attestations = Pick<BuildOptions, "provenance" | "sbom">;

/** What was given last holds. @throws usage */
export function attestOptions(flags: FlagValues): Attestations {
  const sbom = flags.text("sbom");
  const provenance = flags.text("provenance");
  const all = [
    ...flags.list("attest").map(parseAttest),
    ...(sbom === undefined ? [] : [parseSbom(readFields(sbom, "--sbom"))]),
    ...(provenance === undefined ? [] : [parseProvenance(readFields(provenance, "--provenance"))]),
  ];
  return Object.assign({}, ...all) as Attestations;
}

/** Keys with their values; of `true` or `false` alone that is whether it is wanted at all. */
interface Fields {
  readonly flag: string;
  readonly values: ReadonlyMap<string, string>;
}

function readFields(text: string, flag: string): Fields {
  const fields = splitFields(text, flag);
  const pairs = fields.map((field): readonly [string, string] => {
    const [key, value] = splitAssignment(field.trim());
    return value === undefined ? ["disabled", String(!parseBool(key, flag))] : [key.toLowerCase(), value];
  });
  return { flag, values: new Map(pairs) };
}

function parseAttest(text: string): Attestations {
  const { flag, values } = readFields(text, "--attest");
  const { type, ...rest } = Object.fromEntries(values);
  const fields = { flag, values: new Map(Object.entries(rest)) };
  if (type === "sbom") return parseSbom(fields);
  if (type === "provenance") return parseProvenance(fields);
  throw usageError(`--attest ${text}: expected type=sbom or type=provenance`);
}

function parseSbom({ flag, values }: Fields): Attestations {
  for (const key of values.keys()) {
    if (key === "generator")
      throw usageError(
        `${flag} generator: is not supported by this version`,
        "Leave it out: tsbuild reads the image itself.",
      );
    if (key !== "disabled") throw unknownKey(flag, key, "true or false");
  }
  return { sbom: !isDisabled(values, flag) };
}

const PROVENANCE_KEYS = ["mode", "builder-id", "reproducible", "version", "inline-only", "disabled"];

function parseProvenance({ flag, values }: Fields): Attestations {
  for (const key of values.keys()) {
    if (!PROVENANCE_KEYS.includes(key))
      throw unknownKey(flag, key, "mode, builder-id, reproducible, version, inline-only");
  }
  const version = values.get("version") ?? "v1";
  if (version !== "v1" && version !== "v0.2") throw usageError(`${flag} version=${version}: expected v1 or v0.2`);
  if (isDisabled(values, flag)) return { provenance: false };
  const mode = values.get("mode") ?? "min";
  if (mode !== "min" && mode !== "max") throw usageError(`${flag} mode=${mode}: expected min or max`);
  const builderId = values.get("builder-id");
  const bool = (key: string) => parseBool(values.get(key) ?? "false", `${flag} ${key}`);
  const further = { version, reproducible: bool("reproducible"), inlineOnly: bool("inline-only") } as const;
  return { provenance: { mode, ...further, ...(builderId !== undefined && { builderId }) } };
}

function isDisabled(values: ReadonlyMap<string, string>, flag: string): boolean {
  return parseBool(values.get("disabled") ?? "false", flag);
}

function unknownKey(flag: string, key: string, known: string): Error {
  return usageError(`${flag}: expected ${known}, found "${key}"`);
}
