// Reads a policy: BuildKit's JSON. What has no effect here is refused.
// https://github.com/moby/buildkit/blob/master/docs/build-repro.md

import { readFileSync } from "node:fs";
import * as v from "valibot";
import { TsbuildError } from "../errors.js";
import { ATTRIBUTES, canonicalIdentifier } from "./identity.js";
import {
  ACTIONS,
  CONDITIONS,
  type Constraint,
  MATCH_TYPES,
  type MatchType,
  type Policy,
  type Rule,
  type Selector,
} from "./policy.js";
import { compileRegExp, compileWildcards } from "./regexp.js";

/** Enums may be numbers, as in other forms of the same message; the first word is the default. */
function word<const Words extends readonly string[]>(words: Words) {
  const named = v.transform((value: unknown) => (typeof value === "number" ? (words[value] ?? value) : value));
  return v.optional(v.pipe(v.unknown(), named, v.picklist(words)), words[0]!);
}

const attribute = v.picklist(ATTRIBUTES);

const selectorSchema = v.strictObject({
  identifier: v.pipe(v.string(), v.nonEmpty()),
  match_type: v.optional(v.unknown()),
  matchType: word(MATCH_TYPES),
  constraints: v.optional(
    v.array(v.strictObject({ condition: word(CONDITIONS), key: attribute, value: v.optional(v.string(), "") })),
    [],
  ),
});

const policySchema = v.strictObject({
  version: v.optional(v.literal(1)),
  rules: v.array(
    v.strictObject({
      action: word(ACTIONS),
      selector: v.pipe(v.unknown(), v.transform(oneSpelling), selectorSchema),
      updates: v.optional(
        v.strictObject({
          identifier: v.optional(v.string()),
          attrs: v.optional(v.record(attribute, v.string()), {}),
        }),
      ),
    }),
  ),
});

/** Characters. */
const LONGEST_QUOTE = 40;
const NOTHING = /(?!)/u;

type Given = v.InferOutput<typeof policySchema>["rules"][number];

/** BuildKit's Go code reads `match_type`, the JSON form of the message is `matchType`. */
function oneSpelling(selector: unknown): unknown {
  if (typeof selector !== "object" || selector === null || !("match_type" in selector)) return selector;
  const { match_type: matchType, ...rest } = selector;
  return "matchType" in rest ? selector : { ...rest, matchType };
}

/** @throws bad_policy */
export function readPolicy(file: string): Policy {
  return parsePolicy(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TsbuildError("bad_policy", `cannot read the source policy "${file}": ${reason}`, {
      hint: "Check the path given with --source-policy.",
      cause,
    });
  }
}

/** @param file names the policy in errors. @throws bad_policy */
export function parsePolicy(text: string, file: string): Policy {
  const result = v.safeParse(policySchema, jsonOf(text, file));
  if (!result.success) throw badShape(file, result.issues[0]);
  return { file, rules: result.output.rules.map((rule, index) => ruleOf(rule, `"${file}", rule ${index + 1}`)) };
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, found } = placeOf(text, (cause as SyntaxError).message);
    const place = line === undefined ? "" : `, line ${line}`;
    throw new TsbuildError("bad_policy", `expected JSON in "${file}"${place}, found ${JSON.stringify(found)}`, {
      hint: "Write the policy as JSON; docs/formats.md shows one.",
      cause,
    });
  }
}

/** The line, as far as the parser tells it, and how it begins. */
function placeOf(text: string, complaint: string): { readonly line?: number; readonly found: string } {
  const [, position] = /at position (\d+)/.exec(complaint) ?? [];
  const end = complaint.includes("end of JSON") ? text.trimEnd().length : undefined;
  const at = position === undefined ? end : Number(position);
  if (at === undefined) return { found: text.slice(0, LONGEST_QUOTE) };
  const line = text.slice(0, at).split("\n").length;
  return { line, found: text.split("\n")[line - 1]!.slice(0, LONGEST_QUOTE) };
}

function badShape(file: string, issue: v.BaseIssue<unknown>): TsbuildError {
  const path = (v.getDotPath(issue) ?? "").replace(/^rules\.(\d+)/, (_, index: string) => `rule ${Number(index) + 1}`);
  const place = path === "" ? "" : `, ${path}`;
  if (issue.received === "undefined") return bad(`"${file}"${place} is missing`);
  const expected = issue.expected === "never" ? "no such field" : (issue.expected ?? issue.message);
  return bad(`"${file}"${place}: expected ${expected}, found ${issue.received}`);
}

function ruleOf({ action, selector, updates }: Given, place: string): Rule {
  if ((action === "CONVERT") !== (updates !== undefined))
    throw bad(`${place}: expected updates in a rule that converts, and in no other, found ${action}`);
  if (action !== "ALLOW" && /^(?:local|oci-layout):/.test(selector.identifier))
    throw bad(
      `${place}: cannot ${action} "${selector.identifier}", which the command line names itself`,
      "Remove the rule: folders and image layouts of this machine are always allowed.",
    );
  return { action, selector: selectorOf(selector, place), ...(updates && { updates: updatesOf(updates) }) };
}

function updatesOf({ identifier, attrs }: NonNullable<Given["updates"]>): NonNullable<Rule["updates"]> {
  return { attrs, ...(identifier !== undefined && identifier !== "" && { identifier }) };
}

function selectorOf({ identifier: given, matchType, constraints }: Given["selector"], place: string): Selector {
  const identifier = expectIdentifier(given, matchType, place);
  const pattern = attempt(place, () => compileIdentifier(identifier, matchType));
  return { identifier, matchType, pattern, constraints: constraints.map((each) => constraintOf(each, place)) };
}

function constraintOf(constraint: Given["selector"]["constraints"][number], place: string): Constraint {
  if (constraint.condition !== "MATCHES") return constraint;
  return { ...constraint, pattern: attempt(place, () => compileRegExp(constraint.value)) };
}

function compileIdentifier(identifier: string, matchType: MatchType): RegExp {
  if (matchType === "EXACT") return NOTHING;
  return matchType === "REGEX" ? compileRegExp(identifier) : compileWildcards(identifier);
}

function attempt<Value>(place: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof SyntaxError) throw bad(`${place}: ${error.message.replace(/^I/, "i")}`);
    if (error instanceof TsbuildError) throw bad(`${place}: ${error.message}`, error.hint);
    throw error;
  }
}

/** A rule that no source can ever fit says less than its author means. */
function expectIdentifier(identifier: string, matchType: MatchType, place: string): string {
  if (matchType === "REGEX" || /^(?:local|oci-layout):/.test(identifier)) return identifier;
  const hasWildcards = matchType === "WILDCARD" && identifier.includes("*");
  if (hasWildcards && SCHEMES.some((scheme) => beginsWith(scheme, identifier))) return identifier;
  const canonical = hasWildcards ? undefined : attempt(place, () => canonicalIdentifier(identifier));
  if (canonical !== undefined && (canonical === identifier || /^https?:/i.test(identifier))) return canonical;
  throw bad(
    `${place}: no source is called "${identifier}"`,
    canonical === undefined
      ? "Write docker-image://REGISTRY/NAME:TAG, https://HOST/PATH or git://HOST/PATH#REF, with * for any characters."
      : `Write "${canonical}".`,
  );
}

const SCHEMES = ["docker-image://", "https://", "http://", "git://"];

/** Whether something that `wildcards` match begins with `scheme`. */
function beginsWith(scheme: string, wildcards: string): boolean {
  const [literal = ""] = wildcards.split("*", 1);
  return literal.startsWith(scheme) || scheme.startsWith(literal);
}

function bad(message: string, hint?: string): TsbuildError {
  return new TsbuildError("bad_policy", `source policy ${message}`, hint === undefined ? {} : { hint });
}
