// What a source policy is: rules that allow, deny and convert what a build takes from elsewhere.
// https://github.com/moby/buildkit/blob/master/sourcepolicy/pb/policy.proto

export const ACTIONS = ["ALLOW", "DENY", "CONVERT"] as const;
export const MATCH_TYPES = ["WILDCARD", "EXACT", "REGEX"] as const;
export const CONDITIONS = ["EQUAL", "NOTEQUAL", "MATCHES"] as const;

export type MatchType = (typeof MATCH_TYPES)[number];

export interface Policy {
  /** Where it was read, as the user named it. */
  readonly file: string;
  /** Of allowing and denying ones the last that matches holds; the first that converts something converts it. */
  readonly rules: readonly Rule[];
  /** True of a lock file: what it does not pin is denied. @default false */
  readonly isLock?: boolean;
}

export interface Rule {
  readonly action: (typeof ACTIONS)[number];
  readonly selector: Selector;
  /** Of CONVERT, and only of it. */
  readonly updates?: Updates;
}

/** Which sources a rule is about: those whose identifier fits, and that meet all constraints. */
export interface Selector {
  readonly identifier: string;
  readonly matchType: MatchType;
  /** `identifier` as a regular expression. */
  readonly pattern: RegExp;
  readonly constraints: readonly Constraint[];
}

export interface Constraint {
  readonly condition: (typeof CONDITIONS)[number];
  readonly key: string;
  readonly value: string;
  /** Of MATCHES: `value` as a regular expression. */
  readonly pattern?: RegExp;
}

export interface Updates {
  /** With `$1` and `${1}` for what the wildcards or groups of the selector found. @default the identifier stays */
  readonly identifier?: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** A source as rules see it. */
export interface SourceIdentity {
  /** `docker-image://docker.io/library/alpine:3`, `https://…`, `git://HOST/PATH#REF`. */
  readonly identifier: string;
  readonly attrs: Readonly<Record<string, string>>;
}
