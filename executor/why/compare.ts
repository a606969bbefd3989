// The inputs of a step then and now, compared. Own inputs come first: what only follows another step is said when
// nothing else changed.

import type { ImageMove } from "./bases.js";
import type { Change } from "./change.js";
import { compareMounts, type MountOptions } from "./compare-mounts.js";
import { rootChange, type RootOptions } from "./compare-roots.js";
import { differs, type Inputs } from "./inputs.js";
import { inputChange } from "./input-change.js";
import { compareSources, type SourceOptions } from "./compare-sources.js";

export interface CompareOptions extends RootOptions, MountOptions, SourceOptions {
  /** Absent where both stand on the same image, or it is not known on which. */
  readonly image?: ImageMove;
}

/** @returns nothing when the inputs are equal */
export function compareInputs(thenInputs: unknown, nowInputs: unknown, options: CompareOptions): readonly Change[] {
  const [then, now] = [thenInputs as Inputs, nowInputs as Inputs];
  if (differs(then["op"], now["op"])) return [{ kind: "instruction" }];
  const own = ownFields(then, now)
    .filter((name) => differs(then[name], now[name]))
    .flatMap((name) => fieldChanges(name, then, now, options));
  if (!differs(then["root"], now["root"])) return withImage(own, options.image);
  const root = rootChange(lines(then["root"]), lines(now["root"]), options);
  return withImage(own.length === 0 || root.kind === "base" ? [...own, root] : own, options.image);
}

/** How many of the inputs differ that are not another step's result. */
export function ownDifferences(thenInputs: unknown, nowInputs: unknown): number {
  const [then, now] = [thenInputs as Inputs, nowInputs as Inputs];
  return ownFields(then, now).filter((name) => differs(withoutRoots(then[name]), withoutRoots(now[name]))).length;
}

function ownFields(then: Inputs, now: Inputs): readonly string[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => name !== "root");
}

function withoutRoots(value: unknown): unknown {
  return Array.isArray(value) && typeof value[0] === "object"
    ? (value as readonly object[]).map((one) => ({ ...one, root: undefined }))
    : value;
}

/** What an image gives to its steps: layers, variables, user and directory. It comes first, as the cause of the rest. */
function withImage(changes: readonly Change[], image: ImageMove | undefined): readonly Change[] {
  if (!image || !changes.some(mayBeOfImage)) return changes;
  return [{ kind: "base", ...image }, ...changes.filter(({ kind }) => kind !== "base")];
}

function mayBeOfImage(change: Change): boolean {
  if (change.kind === "input") return ["user", "cwd", "the order of variables"].includes(change.name);
  return change.kind === "base" || change.kind === "variable";
}

function fieldChanges(name: string, then: Inputs, now: Inputs, options: CompareOptions): readonly Change[] {
  switch (name) {
    case "args":
      return [{ kind: "command", from: command(then[name]), to: command(now[name]) }];
    case "env":
      return variableChanges(lines(then[name]), lines(now[name]));
    case "sources":
      return compareSources(then, now, options);
    case "mounts":
      return compareMounts(then[name], now[name], options);
    default:
      return [inputChange(name, then[name], now[name])];
  }
}

/** The shell in front of a shell form is not what users wrote. */
function command(args: unknown): string {
  const words = lines(args);
  return words.length === 3 && words[1] === "-c" ? words[2]! : words.join(" ");
}

function variableChanges(then: readonly string[], now: readonly string[]): readonly Change[] {
  const [old, current] = [variables(then), variables(now)];
  const changed = [...new Set([...current.keys(), ...old.keys()])].filter(
    (name) => old.get(name) !== current.get(name),
  );
  if (changed.length === 0) return [{ kind: "input", name: "the order of variables" }];
  return changed.map((name) => {
    if (isPrivate(name)) return { kind: "variable", name, isPrivate: true };
    const [from, to] = [old.get(name), current.get(name)];
    return { kind: "variable", name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  });
}

function variables(env: readonly string[]): Map<string, string> {
  return new Map(env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Names whose values do not belong in a log. */
function isPrivate(name: string): boolean {
  return /passw|secret|token|key|auth|credential/i.test(name);
}

function lines(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
