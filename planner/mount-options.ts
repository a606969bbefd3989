// The options of `RUN --mount`, read and checked, but not yet put in their place.
// https://docs.docker.com/reference/dockerfile/#run---mount

import { DockerfileError, type MountFlag, type Span, type Word } from "../parser/index.js";
import { closest } from "./error.js";

export type MountType = "bind" | "cache" | "tmpfs" | "secret" | "ssh";

export interface MountOptions {
  readonly type: MountType;
  readonly from?: Word;
  readonly source?: string;
  readonly target?: string;
  readonly readonly?: boolean;
  readonly id?: string;
  readonly sharing?: "shared" | "private" | "locked";
  readonly required?: boolean;
  /** Bytes. */
  readonly size?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: string;
}

type Option = MountFlag["options"][number];
type Key = keyof MountOptions;
/** `text` is the expanded value; undefined when the option is a switch without one. */
type Read = (text: string | undefined, option: Option) => MountOptions[Key];

const ALIASES: Readonly<Record<string, Key>> = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
  readwrite: "readonly",
  rw: "readonly",
};

const ALLOWED: { readonly [Type in MountType]: readonly Key[] } = {
  bind: ["type", "from", "source", "target", "readonly"],
  cache: ["type", "id", "from", "source", "target", "readonly", "sharing", "mode", "uid", "gid"],
  tmpfs: ["type", "target", "readonly", "size"],
  secret: ["type", "id", "source", "target", "readonly", "required", "mode", "uid", "gid", "env"],
  ssh: ["type", "id", "target", "readonly", "required", "mode", "uid", "gid"],
};
/** What these are anyway; saying it is allowed, saying the contrary is not. */
const ALWAYS_READONLY: { readonly [Type in MountType]?: boolean } = { tmpfs: false, secret: true, ssh: true };
const TYPES = Object.keys(ALLOWED) as readonly MountType[];
const SHARING = ["shared", "private", "locked"] as const;
const UNITS = "kmgtp";

const READ: { readonly [Name in Exclude<Key, "from">]: Read } = {
  type: (text, option) => oneOf(TYPES, text, option),
  sharing: (text, option) => oneOf(SHARING, text, option),
  source: given,
  target: given,
  id: given,
  env: given,
  readonly: (text, option) => readBoolean(text, option) !== ["rw", "readwrite"].includes(option.key),
  required: readBoolean,
  size: readSize,
  mode: (text, option) => readNumber(text, option, 8),
  uid: (text, option) => readNumber(text, option, 10),
  gid: (text, option) => readNumber(text, option, 10),
};

/** @throws unknown_flag for an option that its type does not have, bad_flag_value */
export function readMountOptions(flag: MountFlag, expand: (word: Word) => string): MountOptions {
  const options = flag.options.map((option) => [ALIASES[option.key] ?? (option.key as Key), option] as const);
  const read: Partial<Record<Key, unknown>> = {};
  for (const [key, option] of options) {
    read[key] = key === "from" ? option.value : READ[key](option.value && expand(option.value), option);
  }
  const type = (read.type ?? "bind") as MountType;
  for (const [key, option] of options) {
    if (!ALLOWED[type].includes(key)) throw notOfType(option, type);
    if (key === "readonly" && read.readonly === !ALWAYS_READONLY[type] && type in ALWAYS_READONLY)
      throw neverSo(option, type);
  }
  return { ...read, type } as MountOptions;
}

function notOfType(option: Option, type: MountType): DockerfileError {
  const allowed = ALLOWED[type].filter((key) => key !== "type").join(", ");
  return new DockerfileError("unknown_flag", `a mount of type ${type} has no option "${option.key}"`, option.span, {
    hint: `Use only ${allowed} with type=${type}.`,
  });
}

function neverSo({ key, span }: Option, type: MountType): DockerfileError {
  const nature = ALWAYS_READONLY[type] ? "read-only" : "writable";
  return new DockerfileError("bad_flag_value", `a mount of type ${type} is always ${nature}, found "${key}"`, span, {
    hint: `Remove ${key}.`,
  });
}

/** Only switches come without a value: the parser refuses others. */
function given(text = ""): string {
  return text;
}

function oneOf<Choice extends string>(choices: readonly Choice[], text: string | undefined, option: Option): Choice {
  const value = given(text).toLowerCase();
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw badValue(option.value!.span, `${option.key} of ${choices.join(", ")}`, value, closest(value, choices)?.hint);
}

const TRUE = ["1", "t", "T", "true", "TRUE", "True"];
const FALSE = ["0", "f", "F", "false", "FALSE", "False"];

function readBoolean(text: string | undefined, option: Option): boolean {
  if (text === undefined || TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw badValue(option.value!.span, `true or false for ${option.key}`, text);
}

function readNumber(text: string | undefined, option: Option, base: 8 | 10): number {
  const value = given(text);
  const digits = base === 8 ? /^[0-7]{1,11}$/ : /^\d{1,10}$/;
  const number = digits.test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (number <= 0xffff_ffff) return number;
  throw badValue(option.value!.span, `${base === 8 ? "an octal number" : "a number"} for ${option.key}`, value);
}

/** `64m`, `1.5g`, `100`: a power of 1024 for each unit. */
function readSize(text: string | undefined, option: Option): number {
  const value = given(text);
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(value);
  if (match) return Math.floor(Number(match[1]) * 1024 ** (UNITS.indexOf(match[2]!.toLowerCase() || "?") + 1));
  throw badValue(option.value!.span, `a size such as "64m" for ${option.key}`, value);
}

function badValue(span: Span, expected: string, found: string, hint = "Correct the value."): DockerfileError {
  return new DockerfileError("bad_flag_value", `expected ${expected}, found "${found}"`, span, { hint });
}
