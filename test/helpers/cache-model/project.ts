// Random projects for the model of the cache: a context, a Dockerfile of known steps, and edits to both.

import fc from "fast-check";

export interface ModelFile {
  readonly content: string;
  readonly mode: number;
}

export type ModelStep =
  /** Copies a folder, or a file, of the context to a directory of its own. */
  | { readonly kind: "copy"; readonly source: string; readonly chmod?: string }
  /** Writes what it reads of an earlier COPY or RUN of the stage, and a word, to a file of its own. */
  | { readonly kind: "run"; readonly word: string; readonly usesValue: boolean }
  /** Copies the file of the last RUN of the first stage. */
  | { readonly kind: "from" }
  | { readonly kind: "label"; readonly word: string };

export interface Project {
  /** By path: `a/x`. */
  readonly files: Readonly<Record<string, ModelFile>>;
  readonly stages: readonly (readonly ModelStep[])[];
  /** Of the build argument VALUE. */
  readonly value: string;
}

export type Edit =
  | { readonly kind: "content" | "mode" | "rename"; readonly file: number; readonly word: string }
  | { readonly kind: "word"; readonly step: number; readonly word: string }
  | { readonly kind: "value"; readonly word: string }
  | { readonly kind: "nothing" };

const FOLDERS = ["a", "b"] as const;
const word = fc.constantFrom("one", "two", "three", "four");
const mode = fc.constantFrom(0o644, 0o755, 0o600);

const file = fc.record({ content: word, mode });
const files = fc.dictionary(fc.constantFrom("a/x", "a/y", "b/x", "b/y", "b/z"), file, { minKeys: 3 }).map((some) => ({
  ...some,
  "a/kept": { content: "a", mode: 0o644 },
  "b/kept": { content: "b", mode: 0o644 },
}));

const copy = fc.record({
  kind: fc.constant("copy" as const),
  source: fc.constantFrom(...FOLDERS, "a/kept", "."),
  chmod: fc.option(fc.constantFrom("0640", "0755"), { nil: undefined }),
});
const run = fc.record({ kind: fc.constant("run" as const), word, usesValue: fc.boolean() });
const label = fc.record({ kind: fc.constant("label" as const), word });
const steps = fc.array(fc.oneof(copy, run, run, label), { minLength: 2, maxLength: 4 });

export const projects: fc.Arbitrary<Project> = fc.record({
  files,
  stages: fc.oneof(
    fc.tuple(steps),
    fc.tuple(steps, run, steps).map(([first, last, second]) => [
      [...first, last],
      [{ kind: "from" as const }, ...second],
    ]),
  ),
  value: word,
}) as fc.Arbitrary<Project>;

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constantFrom("content", "content", "mode", "rename"), file: fc.nat(9), word }),
  fc.record({ kind: fc.constant("word"), step: fc.nat(9), word }),
  fc.record({ kind: fc.constant("value"), word }),
  fc.constant({ kind: "nothing" as const }),
) as fc.Arbitrary<Edit>;

export function applyEdit(project: Project, edit: Edit): Project {
  switch (edit.kind) {
    case "nothing":
      return project;
    case "value":
      return { ...project, value: edit.word };
    case "word":
      return { ...project, stages: withWord(project.stages, edit) };
    default:
      return { ...project, files: withFile(project.files, edit) };
  }
}

function withFile(
  all: Project["files"],
  { kind, file: number, word: text }: Extract<Edit, { readonly file: number }>,
): Project["files"] {
  const names = Object.keys(all).filter((name) => !name.endsWith("kept"));
  const name = names[number % names.length]!;
  const { [name]: old, ...others } = all;
  if (kind === "content") return { ...all, [name]: { ...old!, content: text } };
  if (kind === "mode") return { ...all, [name]: { ...old!, mode: old!.mode === 0o644 ? 0o755 : 0o644 } };
  return { ...others, [`${name.slice(0, 2)}${text}`]: old! };
}

/** Only words of RUN and LABEL can be edited. */
function withWord(
  stages: Project["stages"],
  { step: number, word: text }: Extract<Edit, { readonly step: number }>,
): Project["stages"] {
  const editable = stages.flat().filter((step) => step.kind === "run" || step.kind === "label");
  const chosen = editable[number % Math.max(1, editable.length)];
  return stages.map((stage) => stage.map((step) => (step === chosen ? { ...step, word: text } : step)));
}

/** Paths that are of one step only: its place. */
export const placeOf = (stage: number, step: number): string => `/s${stage}-${step}`;

export function textOf(step: ModelStep, stage: number, position: number, stages: Project["stages"]): string {
  const place = placeOf(stage, position);
  switch (step.kind) {
    case "copy":
      return `COPY ${step.chmod === undefined ? "" : `--chmod=${step.chmod} `}${step.source} ${place}/`;
    case "run":
      return `RUN ${commandOf(step, stage, position, stages)}`;
    case "from":
      return `COPY --from=stage0 ${placeOf(0, lastRun(stages[0]!))} ${place}`;
    case "label":
      return `LABEL word=${step.word}`;
  }
}

/** Reads all that the steps of the stage before it made. */
export function commandOf(
  step: Extract<ModelStep, { readonly kind: "run" }>,
  stage: number,
  position: number,
  stages: Project["stages"],
): string {
  const read = stages[stage]!.slice(0, position).flatMap((other, index) =>
    other.kind === "label" ? [] : [placeOf(stage, index)],
  );
  const value = step.usesValue ? " $VALUE" : "";
  return `(echo ${step.word}${value}; cat $(find ${["/none", ...read].join(" ")} -type f 2>/dev/null | sort) </dev/null) >${placeOf(stage, position)}`;
}

/** -1 for a stage without one. */
export function lastRun(stage: readonly ModelStep[]): number {
  return stage.findLastIndex(({ kind }) => kind === "run");
}

export function dockerfileOf({ stages }: Project): string {
  const lines = stages.flatMap((stage, number) => [
    `FROM busybox AS stage${number}`,
    "ARG VALUE",
    ...stage.map((step, position) => textOf(step, number, position, stages)),
  ]);
  return `${lines.join("\n")}\n`;
}

/** Whether the second stage reads the first. */
export function isNeeded({ stages }: Project, stage: number): boolean {
  return stage === stages.length - 1 || stages.at(-1)!.some(({ kind }) => kind === "from");
}

/** What `explain` has to say, each change once. @param ran whether any RUN has run */
export function expectedChanges(before: Project, after: Project, ran: boolean): readonly string[] {
  const said = after.stages.flatMap((stage, number) =>
    isNeeded(after, number) ? [...fileChanges(before, after, stage), ...wordChanges(before, after, number)] : [],
  );
  return [...new Set([...said, ...valueChange(before, after, ran)])].toSorted();
}

function fileChanges(before: Project, after: Project, stage: readonly ModelStep[]): string[] {
  const names = [...new Set([...Object.keys(before.files), ...Object.keys(after.files)])];
  return stage.flatMap((step) => {
    if (step.kind !== "copy") return [];
    return names
      .filter((name) => isCopied(step.source, name))
      .flatMap((name) => fileChange(name, step.chmod !== undefined, before, after));
  });
}

function fileChange(path: string, ignoresMode: boolean, before: Project, after: Project): string[] {
  const [old, current] = [before.files[path], after.files[path]];
  if (!old || !current) return [JSON.stringify({ kind: "file", path, what: old ? "removed" : "added" })];
  if (old.content !== current.content) return [JSON.stringify({ kind: "file", path, what: "content" })];
  if (old.mode === current.mode || ignoresMode) return [];
  const [from, to] = [old.mode.toString(8), current.mode.toString(8)];
  return [JSON.stringify({ kind: "file", path, what: "mode", from, to })];
}

export function isCopied(source: string, name: string): boolean {
  return source === "." || source === name || name.startsWith(`${source}/`);
}

function wordChanges(before: Project, after: Project, stage: number): string[] {
  return after.stages[stage]!.flatMap((step, position) => {
    const old = before.stages[stage]![position]!;
    if (step.kind !== "run" || old.kind !== "run" || step.word === old.word) return [];
    const [from, to] = [old, step].map((one) => commandOf(one, stage, position, after.stages));
    return [JSON.stringify({ kind: "command", from, to })];
  });
}

/** ARGs are variables of every RUN after them, whether it reads them or not. One that comes back is no news, unless it is read. */
function valueChange(before: Project, after: Project, ran: boolean): string[] {
  const needed = after.stages.filter((_, number) => isNeeded(after, number)).flat();
  const isRead = needed.some((step) => step.kind === "run" && step.usesValue);
  if (before.value === after.value || !(ran || isRead)) return [];
  return [JSON.stringify({ kind: "variable", name: "VALUE", from: before.value, to: after.value })];
}
