// The inputs of a step then and now, compared. Own inputs come first: what only follows another step is said when
// nothing else changed.

import type { Digest } from "../../oci/index.js";
import type { Change, FileChange } from "./change.js";
import { sourcePath } from "./source-path.js";

type Inputs = Readonly<Record<string, unknown>>;

export interface CompareOptions {
  /** `[builder 2/5] COPY . .`: the step of this build that a layer is of, by its content digest. */
  readonly madeBy: (content: Digest) => string | undefined;
  /** What the new layer says differently from the old one. Asked for only when sources changed. */
  readonly layerChanges: () => readonly FileChange[] | undefined;
}

/** @returns nothing when the inputs are equal */
export function compareInputs(thenInputs: unknown, nowInputs: unknown, options: CompareOptions): readonly Change[] {
  const [then, now] = [thenInputs as Inputs, nowInputs as Inputs];
  if (differs(then["op"], now["op"])) return [{ kind: "instruction" }];
  const own = [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => name !== "root" && differs(then[name], now[name]))
    .flatMap((name) => fieldChanges(name, then, now, options));
  if (!differs(then["root"], now["root"])) return own;
  const root = rootChange(lines(then["root"]), lines(now["root"]), options);
  return own.length === 0 || root.kind === "base" ? [...own, root] : own;
}

function fieldChanges(name: string, then: Inputs, now: Inputs, options: CompareOptions): readonly Change[] {
  switch (name) {
    case "args":
      return [{ kind: "command", from: command(then[name]), to: command(now[name]) }];
    case "env":
      return variableChanges(lines(then[name]), lines(now[name]));
    case "sources":
      return sourceChanges(then, now, options);
    case "mounts":
      return mountChanges(then[name], now[name]);
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

interface SourceInput {
  readonly path?: string;
  readonly name?: string;
  /** The layers of a stage or an image. */
  readonly root?: readonly string[];
}

function sourceChanges(then: Inputs, now: Inputs, options: CompareOptions): readonly Change[] {
  const sources = (now["sources"] ?? []) as readonly SourceInput[];
  const old = (then["sources"] ?? []) as readonly SourceInput[];
  const roots = sources.flatMap((source, index) => stageChange(old[index], source, options));
  if (roots.length > 0) return roots;
  const files = options.layerChanges();
  if (!files || files.length === 0) return changedSources(old, sources);
  const paths = {
    sources: sources.flatMap(({ path }) => path ?? []),
    destination: String(now["destination"] ?? "/"),
    parents: now["parents"] === true,
  };
  const isComparable = then["destination"] === now["destination"];
  return files.map((file) => ({ ...file, path: isComparable ? sourcePath(file.path, paths) : `/${file.path}` }));
}

/** What is copied from a stage follows the step that made it other. */
function stageChange(then: SourceInput | undefined, now: SourceInput, options: CompareOptions): readonly Change[] {
  if (!then?.root || !now.root || then.path !== now.path || !differs(then.root, now.root)) return [];
  return [rootChange(then.root, now.root, options)];
}

function changedSources(then: readonly SourceInput[], now: readonly SourceInput[]): readonly Change[] {
  const changed = now.filter((source, index) => differs(source, then[index]));
  if (changed.length === 0) return [{ kind: "instruction" }];
  return changed.map(({ path, name }) => ({ kind: "source", path: path ?? name ?? "." }));
}

function mountChanges(then: unknown, now: unknown): readonly Change[] {
  const [old, current] = [mountsOf(then), mountsOf(now)];
  const changed = current.filter((mount, index) => differs(mount, old[index]));
  if (changed.length === 0 || old.length !== current.length) return [{ kind: "input", name: "mounts" }];
  return changed.map(({ target = "" }) => ({ kind: "mount", target }));
}

function mountsOf(value: unknown): readonly { readonly target?: string }[] {
  return Array.isArray(value) ? (value as { readonly target?: string }[]) : [];
}

function inputChange(name: string, then: unknown, now: unknown): Change {
  const [from, to] = [then, now].map((value) =>
    typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? String(value) : undefined,
  );
  return { kind: "input", name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** The lowest layer that is another one; a layer that no step of this build made is the base image's. */
function rootChange(then: readonly string[], now: readonly string[], { madeBy }: CompareOptions): Change {
  const position = now.findIndex((content, index) => content !== then[index]);
  if (position < 0) return { kind: "gone" };
  const step = madeBy(now[position] as Digest);
  if (step !== undefined) return { kind: "follows", step };
  const from = then[position] as Digest | undefined;
  return { kind: "base", ...(from !== undefined && { from }), to: now[position] as Digest };
}

function lines(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
