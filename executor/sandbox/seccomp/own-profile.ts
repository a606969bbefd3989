// A user's own seccomp profile, in Docker's form, which is that of the OCI runtime specification with conditions.
// https://docs.docker.com/engine/security/seccomp/ and https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp

import { readFileSync } from "node:fs";
import * as v from "valibot";
import { TsbuildError } from "../../../errors.js";
import { type Digest, sha256 } from "../../../oci/index.js";
import type { Capability } from "../policy.js";
import type { OciSeccomp } from "./oci-profile.js";
import type { Architecture } from "./profile.js";

const ACTIONS = [
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_LOG",
] as const;
const OPERATORS = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;

const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const argument = v.object({
  index: v.pipe(number, v.maxValue(5)),
  value: number,
  valueTwo: v.optional(number, 0),
  op: v.picklist(OPERATORS),
});
const condition = v.optional(
  v.object({
    caps: v.optional(v.array(v.string()), []),
    arches: v.optional(v.array(v.string()), []),
    minKernel: v.optional(v.pipe(v.string(), v.regex(/^\d+\.\d+$/))),
  }),
  {},
);
const rule = v.object({
  names: v.optional(v.array(v.string())),
  name: v.optional(v.string()),
  action: v.picklist(ACTIONS),
  errnoRet: v.optional(number),
  args: v.optional(v.nullable(v.array(argument))),
  includes: condition,
  excludes: condition,
});
const profile = v.object({
  defaultAction: v.picklist(ACTIONS),
  defaultErrnoRet: v.optional(number),
  syscalls: v.optional(v.nullable(v.array(rule))),
});

export type Action = (typeof ACTIONS)[number];
export type OwnArgument = v.InferOutput<typeof argument>;

export interface OwnRule {
  readonly names: readonly string[];
  readonly action: Action;
  readonly errno: number;
  /** All hold. */
  readonly tests: readonly OwnArgument[];
}

export interface OwnProfile {
  readonly action: Action;
  readonly errno: number;
  readonly rules: readonly OwnRule[];
}

export interface OwnConditions {
  readonly capabilities: readonly Capability[];
  readonly kernel: readonly [number, number];
  readonly architectures: readonly Architecture[];
}

const EPERM = 1;

/** The rules of the file that hold here. @throws bad_value when it cannot be read, or has what no filter here does */
export function readOwnProfile(path: string, conditions: OwnConditions): OwnProfile {
  const parsed = v.safeParse(profile, parse(path));
  if (!parsed.success) throw unreadable(path, describe(parsed.issues[0]));
  const { defaultAction, defaultErrnoRet = EPERM, syscalls } = parsed.output;
  const holding = (syscalls ?? []).filter(({ includes, excludes }) => holds(includes, excludes, conditions));
  return { action: defaultAction, errno: defaultErrnoRet, rules: holding.map(ruleOf) };
}

/** What of an own profile is part of a step's key: its text. @throws bad_value when it cannot be read */
export const seccompDigest = (path: string): Digest => sha256(guard(path, () => readFileSync(path)));

const parse = (path: string): unknown => guard(path, () => JSON.parse(readFileSync(path, "utf8")));

function guard<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const place = (issue.path ?? []).map(({ key }) => String(key)).join(".");
  return `${place === "" ? "the file" : place}: expected ${issue.expected ?? "another value"}, found ${issue.received}`;
}

function unreadable(path: string, reason: string): TsbuildError {
  return new TsbuildError("bad_value", `seccomp profile "${path}": ${reason}`, {
    hint: "Write it as Docker has it: https://docs.docker.com/engine/security/seccomp/.",
  });
}

function ruleOf({ names = [], name, action, errnoRet = EPERM, args }: v.InferOutput<typeof rule>): OwnRule {
  return { names: name === undefined ? names : [...names, name], action, errno: errnoRet, tests: args ?? [] };
}

/** Go's names of architectures, which Docker's profile has. */
const GO_NAMES: Readonly<Record<Architecture, string>> = { x86_64: "amd64", i386: "x86", aarch64: "arm64", arm: "arm" };

type Condition = v.InferOutput<typeof condition>;

function holds(includes: Condition, excludes: Condition, { capabilities, kernel, architectures }: OwnConditions) {
  const has = (name: string): boolean => capabilities.includes(name.replace(/^CAP_/, "") as Capability);
  const runs = (name: string): boolean => architectures.some((one) => GO_NAMES[one] === name);
  const isNew = (text: string): boolean => {
    const [major = 0, minor = 0] = text.split(".").map(Number);
    return kernel[0] > major || (kernel[0] === major && kernel[1] >= minor);
  };
  if (includes.caps.length > 0 && !includes.caps.every(has)) return false;
  if (includes.arches.length > 0 && !includes.arches.some(runs)) return false;
  if (includes.minKernel !== undefined && !isNew(includes.minKernel)) return false;
  if (excludes.caps.some(has) || excludes.arches.some(runs)) return false;
  return excludes.minKernel === undefined || !isNew(excludes.minKernel);
}

/** For `linux.seccomp` of an OCI runtime's config.json. */
export function ociOwnProfile({ action, errno, rules }: OwnProfile, architectures: readonly string[]): OciSeccomp {
  return {
    defaultAction: action,
    ...(action === "SCMP_ACT_ERRNO" && { defaultErrnoRet: errno }),
    architectures,
    syscalls: rules.map((one) => ({
      names: one.names,
      action: one.action,
      ...(one.action === "SCMP_ACT_ERRNO" && { errnoRet: one.errno }),
      ...(one.tests.length > 0 && { args: one.tests }),
    })),
  };
}
