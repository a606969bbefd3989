// `-v SOURCE:TARGET[:ro]` and `--mount type=tmpfs,target=/tmp`: mounts of every RUN step.
// https://docs.docker.com/reference/dockerfile/#run---mount

import { existsSync } from "node:fs";
import { posix, resolve } from "node:path";
import type { RunMount } from "../../index.js";
import { parseBytes, parseNumber } from "./quantities.js";
import { usageError } from "./usage-error.js";
import { parseBool, splitAssignment, splitFields } from "./values.js";

/** @throws usage */
export function parseVolume(text: string): RunMount {
  const [source = "", target = "", options = "", ...rest] = text.split(":");
  if (!source || !target || rest.length > 0) throw usageError(`--volume "${text}": expected SOURCE:TARGET[:OPTIONS]`);
  const relabels = existsSync("/sys/fs/selinux/enforce") ? [] : ["z", "Z"]; // without SELinux there is nothing to label
  const unknown = options.split(",").find((option) => !["", "ro", "rw", ...relabels].includes(option));
  if (unknown !== undefined)
    throw usageError(
      `--volume "${text}": the option "${unknown}" is not supported`,
      "Use ro or rw, and change owners and labels of the path yourself.",
    );
  if (!/^[./]/.test(source))
    throw usageError(`--volume "${text}": named volumes are not supported`, "Write a path: ./DIR or /DIR.");
  return {
    type: "host",
    source: resolve(source),
    target: absolute(target, "--volume"),
    readonly: options.split(",").includes("ro"),
  };
}

/** `/run:size=64m,mode=1777`. @throws usage */
export function parseTmpfs(text: string): RunMount {
  const [target = "", options = "", ...rest] = text.split(":");
  if (!target || rest.length > 0) throw usageError(`--tmpfs "${text}": expected PATH[:OPTIONS]`);
  const given = options.split(",").filter((option) => !["", "rw", "nosuid", "nodev"].includes(option));
  const unknown = given.find((option) => !/^(?:size|mode)=/.test(option));
  if (unknown !== undefined)
    throw usageError(`--tmpfs "${text}": the option "${unknown}" is not supported`, "Use size=SIZE and mode=MODE.");
  return parseMount(["type=tmpfs", `target=${target}`, ...given].join(","));
}

const ALIASES: Readonly<Record<string, string>> = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
  readwrite: "rw",
  "tmpfs-size": "size",
  "tmpfs-mode": "mode",
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
  bind: ["source", "target", "readonly", "rw"],
  tmpfs: ["target", "size", "mode"],
  cache: ["id", "target", "sharing", "readonly", "mode", "uid", "gid"],
  secret: ["id", "target", "env", "required", "mode", "uid", "gid"],
  ssh: ["id", "target", "required", "mode", "uid", "gid"],
};

/** @throws usage */
export function parseMount(text: string): RunMount {
  const fields = new Map(splitFields(text, "--mount").map((field) => readField(field)));
  const type = fields.get("type") ?? "bind";
  const keys = KEYS[type];
  if (!keys) throw usageError(`--mount type=${type}: expected one of ${Object.keys(KEYS).join(", ")}`);
  const unknown = [...fields.keys()].find((key) => key !== "type" && !keys.includes(key));
  if (unknown !== undefined)
    throw usageError(`--mount type=${type} has no option "${unknown}"`, `Use ${keys.join(", ")}.`);
  return MAKE[type]!(new Fields(fields, text));
}

function readField(field: string): [key: string, value: string] {
  const [name, value = "true"] = splitAssignment(field);
  const key = name.toLowerCase();
  return [ALIASES[key] ?? key, value];
}

class Fields {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #text: string;

  constructor(fields: ReadonlyMap<string, string>, text: string) {
    this.#fields = fields;
    this.#text = text;
  }

  get(key: string): string | undefined {
    return this.#fields.get(key);
  }

  need(key: string): string {
    const value = this.#fields.get(key);
    if (value) return value;
    throw usageError(`--mount "${this.#text}": ${key} is missing`);
  }

  bool(key: string): boolean {
    return parseBool(this.#fields.get(key) ?? "false", `--mount ${key}`);
  }

  id(key: "uid" | "gid"): number {
    return parseNumber(this.#fields.get(key) ?? "0", `--mount ${key}`, { least: 0 });
  }

  mode(usual: number): number {
    const text = this.#fields.get("mode");
    if (text === undefined) return usual;
    if (/^0?[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
    throw usageError(`--mount mode=${text}: expected an octal number`);
  }
}

const MAKE: Readonly<Record<string, (fields: Fields) => RunMount>> = {
  bind: (fields) => ({
    type: "host",
    source: resolve(fields.need("source")),
    target: target(fields),
    readonly: !fields.bool("rw"),
  }),
  tmpfs: (fields) => ({
    type: "tmpfs",
    target: target(fields),
    ...(fields.get("size") !== undefined && { size: parseBytes(fields.need("size"), "--mount size") }),
    ...(fields.get("mode") !== undefined && { mode: fields.mode(0) }),
  }),
  cache: (fields) => ({
    type: "cache",
    target: target(fields),
    id: fields.get("id") || posix.normalize(fields.need("target")),
    sharing: sharing(fields.get("sharing") ?? "shared"),
    source: "/",
    readonly: fields.bool("readonly"),
    ...owner(fields, 0o755),
  }),
  secret: (fields) => {
    const id = fields.get("id") ?? posix.basename(fields.need("target"));
    const env = fields.get("env");
    const path = fields.get("target") ?? (env === undefined ? `/run/secrets/${posix.basename(id)}` : undefined);
    const place = {
      ...(path !== undefined && { target: absolute(path, "--mount") }),
      ...(env !== undefined && { env }),
    };
    return { type: "secret", id, required: fields.bool("required"), ...place, ...owner(fields, 0o400) };
  },
  ssh: (fields) => ({
    type: "ssh",
    id: fields.get("id") ?? "default",
    target: absolute(fields.get("target") ?? "/run/buildkit/ssh_agent.cli", "--mount"),
    required: fields.bool("required"),
    ...owner(fields, 0o600),
  }),
};

const target = (fields: Fields): string => absolute(fields.need("target"), "--mount");
const owner = (fields: Fields, mode: number) => ({
  mode: fields.mode(mode),
  uid: fields.id("uid"),
  gid: fields.id("gid"),
});

function sharing(text: string): "shared" | "private" | "locked" {
  if (text === "shared" || text === "private" || text === "locked") return text;
  throw usageError(`--mount sharing=${text}: expected shared, private or locked`);
}

function absolute(path: string, spelling: string): string {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, "");
  if (clean.startsWith("/") && clean !== "/") return clean;
  throw usageError(`invalid argument "${path}" for "${spelling}" flag: expected an absolute path below /`);
}
