// RUN, and its flags --mount, --network, --security and --device.
// https://docs.docker.com/reference/dockerfile/#run

import type { MountFlag, Word } from "../ast.js";
import { DockerfileError, mapAll } from "../error.js";
import type { WrittenFlag } from "../flags.js";
import { splitCsv } from "../grammar/csv.js";
import { didYouMean } from "../../suggest.js";
import type { Text } from "../text.js";
import { defined, type Input, readCommand, type Rule } from "./input.js";

const NETWORKS = ["default", "none", "host"];
const SECURITY_MODES = ["sandbox", "insecure"];

/** Every key of `--mount`; which of them a type of mount has is for the planner to say. */
const MOUNT_KEYS = [
  "type",
  "from",
  "source",
  "src",
  "target",
  "dst",
  "destination",
  "readonly",
  "ro",
  "readwrite",
  "rw",
  "id",
  "sharing",
  "required",
  "mode",
  "uid",
  "gid",
  "size",
  "env",
];

/** Keys that mean something without a value. */
const SWITCHES = new Set(["readonly", "ro", "readwrite", "rw", "required"]);

export const run: Rule<"RUN"> = {
  flags: { mount: "list", network: "value", security: "value", device: "list" },
  json: true,
  heredocs: true,
  read(input) {
    const { flags, heredocs } = input;
    checkProgram(input);
    return {
      command: readCommand(input),
      heredocs,
      mounts: mapAll(flags.list("mount"), readMount),
      devices: flags.list("device").map((device) => device.flag.value!),
      ...defined({
        network: oneOf(flags.value("network"), NETWORKS),
        security: oneOf(flags.value("security"), SECURITY_MODES),
      }),
    };
  },
};

/** The JSON form names its program first. @throws missing_argument */
function checkProgram({ json, args }: Input): void {
  if (json === undefined || (json[0] && json[0].text !== "")) return;
  const span = json[0]?.span ?? args.span();
  throw new DockerfileError("missing_argument", "RUN needs a program in its JSON array, found none", span, {
    hint: 'Write it like RUN ["program", "argument"].',
  });
}

function oneOf(word: Word | undefined, known: readonly string[]): Word | undefined {
  if (word === undefined || known.includes(word.text)) return word;
  const hint = didYouMean(word.text, known) ?? `Use ${known.join(", ")}.`;
  throw new DockerfileError("bad_flag_value", `expected ${known.join(", ")}, found "${word.text}"`, word.span, {
    hint,
  });
}

function readMount({ value, flag }: WrittenFlag): MountFlag {
  return { options: mapAll(splitCsv(value!), readOption), span: flag.span };
}

function readOption(field: Text): MountFlag["options"][number] {
  const equals = field.value.indexOf("=");
  const key = field.value.slice(0, equals < 0 ? undefined : equals).toLowerCase();
  const span = field.span();
  if (!MOUNT_KEYS.includes(key)) {
    const hint = didYouMean(key, MOUNT_KEYS) ?? `Use ${MOUNT_KEYS.join(", ")}.`;
    throw new DockerfileError("bad_flag_value", `a mount has no option "${key}"`, span, { hint });
  }
  if (equals >= 0) return { key, value: field.slice(equals + 1).word(), span };
  if (SWITCHES.has(key)) return { key, span };
  throw new DockerfileError("bad_flag_value", `the mount option "${key}" needs a value`, span, {
    hint: `Write ${key}=VALUE.`,
  });
}
