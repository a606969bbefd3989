// What policies make of a source, as BuildKit evaluates them.
// https://github.com/moby/buildkit/blob/master/sourcepolicy/engine.go

import { TsbuildError } from "../errors.js";
import type { Constraint, Policy, Rule, SourceIdentity } from "./policy.js";
import { expandTemplate } from "./regexp.js";

/** A rule, and where it stands. */
export interface PolicyRule {
  readonly policy: Policy;
  /** From 1. */
  readonly number: number;
}

export interface Verdict {
  /** What is to be taken in place of the source. */
  readonly source: SourceIdentity;
  readonly deniedBy?: PolicyRule;
}

const MOST_CONVERSIONS = 20;

/**
 * Policies are asked in order. Whatever one of them converts is put to all of them again, from the first.
 * @throws bad_policy when rules convert a source without end
 */
export function evaluate(policies: readonly Policy[], given: SourceIdentity): Verdict {
  let source = given;
  for (let conversions = 0; conversions <= MOST_CONVERSIONS; conversions++) {
    const verdict = evaluateOnce(policies, source);
    if (verdict.deniedBy || verdict.source === source) return verdict;
    source = verdict.source;
  }
  throw new TsbuildError("bad_policy", `rules convert "${given.identifier}" more than ${MOST_CONVERSIONS} times`, {
    hint: `Look for rules of "${policies.map(({ file }) => file).join('" and "')}" that convert to what others convert.`,
  });
}

/** Until a rule converts the source. */
function evaluateOnce(policies: readonly Policy[], source: SourceIdentity): Verdict {
  for (const policy of policies) {
    const verdict = evaluatePolicy(policy, source);
    if (verdict.deniedBy || verdict.source !== source) return verdict;
  }
  return { source };
}

function evaluatePolicy(policy: Policy, source: SourceIdentity): Verdict {
  let deniedBy: PolicyRule | undefined;
  for (const [index, rule] of policy.rules.entries()) {
    if (!matches(rule, source)) continue;
    if (rule.action !== "CONVERT") {
      deniedBy = rule.action === "DENY" ? { policy, number: index + 1 } : undefined;
      continue;
    }
    const converted = convert(rule, source);
    if (!isSame(converted, source)) return { source: converted };
  }
  return { source, ...(deniedBy && { deniedBy }) };
}

/** An identifier fits that is equal, whatever characters of a pattern are in it. */
export function matches({ selector }: Rule, { identifier, attrs }: SourceIdentity): boolean {
  if (!selector.constraints.every((constraint) => isMet(constraint, attrs[constraint.key] ?? ""))) return false;
  return selector.identifier === identifier || selector.pattern.test(identifier);
}

function isMet({ condition, value, pattern }: Constraint, found: string): boolean {
  if (condition === "MATCHES") return pattern!.test(found);
  return (found === value) === (condition === "EQUAL");
}

function convert({ selector, updates }: Rule, { identifier, attrs }: SourceIdentity): SourceIdentity {
  const template = updates?.identifier;
  return {
    identifier: template === undefined ? identifier : destination(selector, template, identifier),
    attrs: { ...attrs, ...updates?.attrs },
  };
}

/** Of a regular expression only the part that it finds is replaced. */
function destination({ matchType, pattern }: Rule["selector"], template: string, identifier: string): string {
  if (matchType === "EXACT") return template;
  const found = pattern.exec(identifier);
  if (!found) return template;
  if (matchType === "WILDCARD") return expandTemplate(template, found);
  const everywhere = new RegExp(pattern, `${pattern.flags}g`);
  const pieces = [...identifier.matchAll(everywhere)];
  let [result, end] = ["", 0];
  for (const piece of pieces) {
    result += identifier.slice(end, piece.index) + expandTemplate(template, piece);
    end = piece.index + piece[0].length;
  }
  return result + identifier.slice(end);
}

function isSame(one: SourceIdentity, other: SourceIdentity): boolean {
  const keys = Object.keys(one.attrs);
  return one.identifier === other.identifier && keys.every((key) => one.attrs[key] === other.attrs[key]);
}
