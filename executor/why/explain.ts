// Why a step ran although one like it was made before: the first difference between then and now, in a line.

import type { CacheRecord } from "../../cache/index.js";
import type { Digest } from "../../oci/index.js";

type Inputs = Readonly<Record<string, unknown>>;

export interface ExplainOptions {
  /** `[builder 2/5] COPY . .`: the step of this build that made a layer, by its content digest. */
  readonly madeBy: (content: Digest) => string | undefined;
  /** `3 files changed: a, b, c`: what the new layer says differently from the old one. Asked for only when sources changed. */
  readonly layerChanges: () => string | undefined;
}

/** @returns undefined when the inputs are equal */
export function explain(previous: CacheRecord, inputs: unknown, options: ExplainOptions): string | undefined {
  const [then, now] = [previous.inputs as Inputs, inputs as Inputs];
  for (const reason of REASONS) {
    const found = reason(then, now, options);
    if (found !== undefined) return found;
  }
  const field = [...new Set([...Object.keys(then), ...Object.keys(now)])].find((name) =>
    differs(then[name], now[name]),
  );
  return field === undefined ? undefined : `${field} changed`;
}

type Reason = (then: Inputs, now: Inputs, options: ExplainOptions) => string | undefined;

const REASONS: readonly Reason[] = [
  (then, now) => (differs(then["op"], now["op"]) ? "the instruction changed" : undefined),
  (then, now) => (differs(then["args"], now["args"]) ? "the command changed" : undefined),
  (then, now) =>
    differs(then["env"], now["env"]) ? environmentChange(lines(then["env"]), lines(now["env"])) : undefined,
  (then, now, options) => (differs(then["sources"], now["sources"]) ? sourceChange(options) : undefined),
  (then, now, options) =>
    differs(then["root"], now["root"]) ? rootChange(lines(then["root"]), lines(now["root"]), options) : undefined,
];

function sourceChange({ layerChanges }: ExplainOptions): string {
  return layerChanges() ?? "what it copies changed";
}

/** `ENV NODE_ENV "production" -> "test"`; ARGs are variables of the step too. */
function environmentChange(then: readonly string[], now: readonly string[]): string {
  const [old, current] = [variables(then), variables(now)];
  const changed = [...new Set([...current.keys(), ...old.keys()])].filter(
    (name) => old.get(name) !== current.get(name),
  );
  const shown = changed
    .slice(0, 3)
    .map((name) =>
      isPrivate(name) ? `${name} (not shown)` : `${name} ${quoted(old.get(name))} -> ${quoted(current.get(name))}`,
    );
  const more = changed.length > shown.length ? ` and ${changed.length - shown.length} more` : "";
  return changed.length === 0 ? "the order of variables changed" : `ARG or ENV ${shown.join(", ")}${more}`;
}

function variables(env: readonly string[]): Map<string, string> {
  return new Map(env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Names whose values do not belong in a log. */
function isPrivate(name: string): boolean {
  return /passw|secret|token|key|auth|credential/i.test(name);
}

function quoted(value: string | undefined): string {
  if (value === undefined) return "unset";
  return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
}

/** The lowest layer that is another one; a layer that no step of this build made is the base image's. */
function rootChange(then: readonly string[], now: readonly string[], { madeBy }: ExplainOptions): string {
  const position = now.findIndex((content, index) => content !== then[index]);
  const step = position < 0 ? undefined : madeBy(now[position] as Digest);
  if (step !== undefined) return `follows ${step}`;
  return position < 0 ? "a step before it is gone" : "the base image changed";
}

function lines(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
