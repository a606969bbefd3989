// What differs between the inputs of a step then and now, as data: `why:` lines and `tsbuild explain` are made of it.

export type Change = StepFileChange | VariableChange | OtherChange;

/** A file that the step reads. */
export interface StepFileChange {
  readonly kind: "file";
  /** In the build context where that can be told, else in the image, with a slash in front. */
  readonly path: string;
  readonly what: "content" | "mode" | "owner" | "type" | "xattrs" | "added" | "removed";
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
  /** What COPY or ADD reads, when it cannot be told which file. Bytes of a file where they are known. */
  | { readonly kind: "source"; readonly path: string; readonly from?: number; readonly to?: number }
  /** The images with their digests, else content digests of the lowest layers that differ. */
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
  const files = changes.filter((change): change is StepFileChange => change.kind === "file");
  const variables = changes.filter((change): change is VariableChange => change.kind === "variable");
  const others = changes.filter((change) => change.kind !== "file" && change.kind !== "variable");
  return [
    ...others.map(describeChange),
    ...(variables.length > 0 ? [`ARG or ENV ${shorten(variables.map(describeVariable))}`] : []),
    ...(files.length > 0
      ? [`${files.length} ${files.length === 1 ? "file" : "files"} changed: ${shorten(files.map(describeFile))}`]
      : []),
  ].join("; ");
}

export function describeFile({ path, what, from, to }: StepFileChange): string {
  if (what === "content") return path;
  if (what === "added") return `${path} (new)`;
  if (what === "removed") return `${path} (removed)`;
  if (what === "xattrs") return `${path} (extended attributes)`;
  return `${path} (${what === "type" ? "" : `${what} `}${from} -> ${to})`;
}

function describeVariable({ name, from, to, isPrivate }: VariableChange): string {
  return isPrivate ? `${name} (not shown)` : `${name} ${moved(from, to)}`;
}

/** One change in words: `ARG or ENV VERSION "1" -> "2"`. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case "file":
      return describeFile(change);
    case "variable":
      return `ARG or ENV ${describeVariable(change)}`;
    case "instruction":
      return "the instruction changed";
    case "command":
      return "the command changed";
    case "mount":
      return `what is mounted at ${change.target} changed`;
    case "source":
      return describeSource(change.path, change.from, change.to);
    case "base":
      return describeBase(change);
    case "follows":
      return `follows ${change.step}`;
    case "gone":
      return "a step before it is gone";
    case "input":
      return change.from === undefined && change.to === undefined
        ? `${change.name} changed`
        : `${change.name} ${moved(change.from, change.to)}`;
  }
}

function describeSource(path: string, from: number | undefined, to: number | undefined): string {
  if (from === undefined || to === undefined) return `what it copies from ${path} changed`;
  return `the content of ${path} changed (${from === to ? `${to} bytes` : `${from} -> ${to} bytes`})`;
}

/** Layers have no names that anybody knows. */
function describeBase({ from = "", to = "" }: { readonly from?: string; readonly to?: string }): string {
  const [[oldName, oldDigest], [name, digest]] = [imageParts(from), imageParts(to)];
  if (oldDigest === undefined || digest === undefined) return "the base image changed";
  const after = oldName === name ? digest : `${name} ${digest}`;
  return `the base image changed: ${oldName} ${oldDigest} -> ${after}`;
}

/** The name as one writes it, and as much of the digest as tells it from others. */
function imageParts(image: string): readonly [name: string, digest?: string] {
  const [name = "", digest] = image.split("@");
  return digest === undefined
    ? [name]
    : [name.replace(/^docker\.io\/(?:library\/)?/, ""), digest.slice(0, "sha256:".length + 12)];
}

function shorten(all: readonly string[]): string {
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : "";
  return `${all.slice(0, SHOWN).join(", ")}${more}`;
}

function moved(from: string | undefined, to: string | undefined): string {
  return `${quoted(from)} -> ${quoted(to)}`;
}

function quoted(value: string | undefined): string {
  if (value === undefined) return "unset";
  return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
}
