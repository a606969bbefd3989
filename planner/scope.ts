// The variables that one line of a stage sees: ENV and ARG, applied in line order.
// https://docs.docker.com/reference/dockerfile/#using-arg-variables

import { PersistentMap } from "./persistent-map.js";

/** Values by name: a map of any kind. */
export type Variables = Pick<ReadonlyMap<string, string>, "get">;

/** Immutable. ENV and ARG set the same variables, so the later line wins (S-052). */
export interface Scope {
  /** In the order in which the names first came. */
  readonly variables: PersistentMap<string, string>;
  /** ARGs in the order of their first declaration, with the values that the last one gave; history lists them (S-059). */
  readonly args: PersistentMap<string, string | undefined>;
}

export const EMPTY_SCOPE: Scope = { variables: PersistentMap.of(), args: PersistentMap.of() };

/** ARGs that steer the builder and are no part of a step's environment. */
const BUILDER_ARGS = new Set(["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]);

export function withVariables(scope: Scope, pairs: readonly (readonly [string, string])[]): Scope {
  return { ...scope, variables: scope.variables.with(pairs) };
}

/** Declares an ARG. Without a value it is known to history, but not to the environment (S-053). */
export function withArg(scope: Scope, name: string, value: string | undefined): Scope {
  const args = scope.args.with([[name, value]]);
  const visible = value !== undefined && !BUILDER_ARGS.has(name);
  return { args, variables: visible ? scope.variables.with([[name, value]]) : scope.variables };
}

/** `NAME=value` for each variable. */
export function environment(scope: Scope): readonly string[] {
  return Array.from(scope.variables, ([name, value]) => `${name}=${value}`);
}

/** `NAME=value` for each declared ARG, with the value that is in force (S-059). */
export function declaredArgs(scope: Scope): readonly string[] {
  return Array.from(scope.args, ([name, value]) => `${name}=${scope.variables.get(name) ?? value ?? ""}`);
}

/** Splits `NAME=value`; without "=" the value is empty. */
export function splitVariable(text: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
