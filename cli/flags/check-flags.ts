// The flags that look at a Dockerfile instead of building it.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call

import type { FlagValues } from "./flag-values.js";
import type { Flag } from "./flag.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

/** The values of --format that are about the image and not about a check: Buildah's. */
const IMAGE_FORMATS = ["oci", "docker"] as const;
const METHODS = ["build", "check", "outline", "targets"] as const;
const CHECK_FORMATS = ["text", "json", "sarif", "github", "codequality"] as const;

export type CallMethod = (typeof METHODS)[number];
export type CheckFormat = (typeof CHECK_FORMATS)[number];

export const CHECK: Flag = {
  name: "check",
  kind: "bool",
  help: "check the Dockerfile, build nothing; see --format, --fix",
  details: "Short for `--call=check`. The exit code is 1 when something is found. docs/checks.md has the rules.",
};

export const CALL_FLAGS: readonly Flag[] = [
  {
    name: "call",
    kind: "string",
    value: "METHOD[,format=FORMAT]",
    help: "what to do: build, check, outline or targets",
    details: [
      "`outline` lists the build arguments, secrets, ssh agents and cache mounts of the target; `targets` lists the stages.",
      "`format=json` prints JSON as docker does; check also knows `sarif`, `github` and `codequality`. With `ignorestatus=true` the exit code is 0 whatever is found.",
    ].join(" "),
  },
  {
    name: "format",
    kind: "string",
    value: "FORMAT",
    choices: [...CHECK_FORMATS, ...IMAGE_FORMATS],
    help: "of --check: text, json, sarif, github; of the image: oci, docker",
    details:
      "`github` prints annotations for GitHub Actions, `sarif` a SARIF 2.1.0 log for code scanning, `codequality` a report for GitLab. Without --check, `oci` and `docker` are the media types of outputs that do not say by `oci-mediatypes`.",
  },
  {
    name: "fix",
    kind: "bool",
    help: "with --check, correct what has exactly one safe fix",
    details:
      "The Dockerfile is written anew in one step, or left as it is. docs/checks.md says which rules have a fix.",
  },
];

/** The media types of the image, when --format is about them. */
export function imageFormat(flags: FlagValues): (typeof IMAGE_FORMATS)[number] | undefined {
  return IMAGE_FORMATS.find((name) => name === flags.text("format"));
}

/** What is to be done in place of a build. */
export interface CallRequest {
  readonly method: Exclude<CallMethod, "build">;
  readonly format: CheckFormat;
  readonly fix: boolean;
  /** True to exit with 0 whatever is found. */
  readonly ignoreStatus: boolean;
}

/** Undefined when the build is to be made. @throws usage */
export function callRequest(flags: FlagValues): CallRequest | undefined {
  const { method, format = flags.text("format") ?? "text", ignoreStatus } = parseCall(flags.text("call") ?? "build");
  const wanted = flags.bool("check") ? "check" : method;
  if (flags.bool("check") && method !== "build" && method !== "check")
    throw usageError(`--check and --call=${method} exclude each other`);
  if (wanted !== "check" && flags.bool("fix")) throw usageError("--fix is a part of --check", "Write --check --fix.");
  const isOfImage = wanted === "build" && imageFormat(flags) !== undefined;
  if (wanted !== "check" && flags.text("format") !== undefined && !isOfImage)
    throw usageError("--format is a part of --check", `Write --check --format=${format}.`);
  if (wanted === "build") return undefined;
  const formats: readonly CheckFormat[] = wanted === "check" ? CHECK_FORMATS : ["text", "json"];
  const known = formats.find((each) => each === format);
  if (known === undefined)
    throw usageError(`--call=${wanted}: expected a format of ${formats.join(", ")}, found "${format}"`);
  return { method: wanted, format: known, fix: flags.bool("fix"), ignoreStatus };
}

interface Call {
  readonly method: CallMethod;
  readonly format?: string;
  readonly ignoreStatus: boolean;
}

/** `lint` is an old name of check. */
function parseCall(text: string): Call {
  const [first = "", ...options] = splitFields(text, "--call");
  const method = METHODS.find((name) => name === (first === "lint" ? "check" : first));
  if (!method) throw usageError(`--call: no method is named "${first}"`, `Use ${METHODS.join(", ")}.`);
  const given = new Map(options.map((option) => splitAssignment(option)));
  for (const key of given.keys()) {
    if (key !== "format" && key !== "ignorestatus")
      throw usageError(`--call: no option is named "${key}"`, "Use format or ignorestatus.");
  }
  const format = given.get("format");
  const ignoreStatus =
    given.has("ignorestatus") && parseBool(given.get("ignorestatus") ?? "true", "--call ignorestatus");
  return { method, ignoreStatus, ...(format !== undefined && { format }) };
}
