// A policy of what images are trusted, strictly read: whatever is not known refuses the whole file.
// https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md#format

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import { doubledKey } from "./doubled-key.js";
import { identitySchema } from "./identity.js";

const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/\s]*=*\s*$/, "expected base64"));
const several = v.pipe(v.array(v.string()), v.minLength(1));
const keys = {
  keyPath: v.exactOptional(v.string()),
  keyPaths: v.exactOptional(several),
  keyData: v.exactOptional(base64),
  signedIdentity: v.exactOptional(identitySchema),
};

/** Of sigstore: what is known, and cannot be verified here. */
const UNVERIFIED = [
  "fulcio",
  "pki",
  "rekorPublicKeyPath",
  "rekorPublicKeyPaths",
  "rekorPublicKeyData",
  "rekorPublicKeyDatas",
] as const;

const sigstoreSchema = v.strictObject({
  type: v.literal("sigstoreSigned"),
  ...keys,
  keyDatas: v.exactOptional(v.pipe(v.array(base64), v.minLength(1))),
  ...(Object.fromEntries(UNVERIFIED.map((name) => [name, v.exactOptional(v.unknown())])) as Record<
    (typeof UNVERIFIED)[number],
    ReturnType<typeof v.exactOptional<v.UnknownSchema>>
  >),
});

const requirementSchema = v.variant("type", [
  v.strictObject({ type: v.literal("insecureAcceptAnything") }),
  v.strictObject({ type: v.literal("reject") }),
  v.strictObject({ type: v.literal("signedBy"), keyType: v.string(), ...keys }),
  sigstoreSchema,
]);

const requirementsSchema = v.pipe(v.array(requirementSchema), v.minLength(1));

const policySchema = v.strictObject({
  default: requirementsSchema,
  transports: v.optional(v.record(v.string(), v.record(v.string(), requirementsSchema)), {}),
});

export type Requirement = v.InferOutput<typeof requirementSchema>;
export type SigstoreRequirement = v.InferOutput<typeof sigstoreSchema>;

export interface TrustPolicy extends v.InferOutput<typeof policySchema> {
  readonly file: string;
}

const SYSTEM = "/etc/containers/policy.json";

/**
 * The policy of `file`; else that of the user, of this machine, or none.
 * @throws bad_policy
 */
export function findPolicy(file: string | undefined): TrustPolicy | undefined {
  const files = [join(homedir(), ".config/containers/policy.json"), SYSTEM];
  const found = file ?? files.find((each) => existsSync(each));
  return found === undefined ? undefined : parsePolicy(readText(found), found);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw bad(`cannot read the signature policy "${file}": ${reason}`, cause);
  }
}

/** @param file names the policy in errors. @throws bad_policy */
export function parsePolicy(text: string, file: string): TrustPolicy {
  const json = jsonOf(text, file);
  const doubled = doubledKey(text);
  if (doubled) throw bad(`signature policy "${file}", ${doubled.join(", ")}: expected the key once, found it twice`);
  const result = v.safeParse(policySchema, json);
  if (!result.success) throw badShape(file, result.issues[0]);
  return { ...result.output, file };
}

/** Fields of a requirement that ask for what cannot be verified here. */
export function unverifiedFields(requirement: SigstoreRequirement): readonly string[] {
  return UNVERIFIED.filter((name) => requirement[name] !== undefined);
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bad(
      `expected JSON in the signature policy "${file}": ${(cause as Error).message.replaceAll("\n", " ")}`,
      cause,
    );
  }
}

function badShape(file: string, issue: v.BaseIssue<unknown>): TsbuildError {
  const path = (issue.path ?? []).map(({ key }) => String(key)).join(", ");
  const expected = issue.expected === "never" ? "no such field" : (issue.expected ?? issue.message);
  const place = path === "" ? "" : `, ${path}`;
  return bad(`signature policy "${file}"${place}: expected ${expected}, found ${issue.received}`);
}

function bad(message: string, cause?: unknown): TsbuildError {
  return new TsbuildError("bad_policy", message, {
    hint: "Correct the file as containers-policy.json(5) has it, or name another one with --signature-policy.",
    cause,
  });
}
