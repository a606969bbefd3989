// What differs between the inputs of a step then and now, as data: `why:` lines and `tsbuild explain` are made of it.

export type Change = FileChange | VariableChange | OtherChange;

/** A file that the step reads. */
export interface FileChange {
  readonly kind: "file";
  /** In the build context where that can be told, else in the image, with a slash in front. */
  readonly path: string;
  readonly what: "content" | "mode" | "owner" | "type" | "added" | "removed";
  /** Of a mode `644`, of an owner `0:0`, of a type `file`. */
  readonly from?: string;
  readonly to?: string;
}

/** An ARG or ENV. Values are absent where there is none, and where the name says that it is private. */
export interface VariableChange {
  readonly kind: "variable";
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  readonly isPrivate?: true;
}

export type OtherChange =
  | { readonly kind: "instruction" }
  | { readonly kind: "command"; readonly from: string; readonly to: string }
  /** What a RUN mounts at `target`. */
  | { readonly kind: "mount"; readonly target: string }
  /** What COPY or ADD reads, when it cannot be told which file. */
  | { readonly kind: "source"; readonly path: string }
  /** Digests of the lowest layers that differ, or the images as FROM names them. */
  | { readonly kind: "base"; readonly from?: string; readonly to?: string }
  /** A step before it has another result. */
  | { readonly kind: "follows"; readonly step: string }
  | { readonly kind: "gone" }
  /** Another input: `user`, `chown`, `network`. */
  | { readonly kind: "input"; readonly name: string; readonly from?: string; readonly to?: string };

/** Files that are named before the rest is only counted. */
const SHOWN = 3;

/** All changes in a line: `2 files changed: src/a.ts, run.sh (mode 644 -> 755)`. */
export function describeChanges(changes: readonly Change[]): string {
  const files = changes.filter((change): change is FileChange => change.kind === "file");
  const variables = changes.filter((change): change is VariableChange => change.kind === "variable");
  const others = changes.filter((change) => change.kind !== "file" && change.kind !== "variable");
  return [
    ...others.map(describeOther),
    ...(variables.length > 0 ? [`ARG or ENV ${shorten(variables.map(describeVariable))}`] : []),
    ...(files.length > 0
      ? [`${files.length} ${files.length === 1 ? "file" : "files"} changed: ${shorten(files.map(describeFile))}`]
      : []),
  ].join("; ");
}

export function describeFile({ path, what, from, to }: FileChange): string {
  if (what === "content") return path;
  if (what === "added") return `${path} (new)`;
  if (what === "removed") return `${path} (removed)`;
  return `${path} (${what === "type" ? "" : `${what} `}${from} -> ${to})`;
}

export function describeVariable({ name, from, to, isPrivate }: VariableChange): string {
  return isPrivate ? `${name} (not shown)` : `${name} ${quoted(from)} -> ${quoted(to)}`;
}

export function describeOther(change: OtherChange): string {
  switch (change.kind) {
    case "instruction":
      return "the instruction changed";
    case "command":
      return "the command changed";
    case "mount":
      return `what is mounted at ${change.target} changed`;
    case "source":
      return `what it copies from ${change.path} changed`;
    case "base":
      return "the base image changed";
    case "follows":
      return `follows ${change.step}`;
    case "gone":
      return "a step before it is gone";
    case "input":
      return change.from === undefined && change.to === undefined
        ? `${change.name} changed`
        : `${change.name} ${quoted(change.from)} -> ${quoted(change.to)}`;
  }
}

function shorten(all: readonly string[]): string {
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : "";
  return `${all.slice(0, SHOWN).join(", ")}${more}`;
}

function quoted(value: string | undefined): string {
  if (value === undefined) return "unset";
  return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
}
