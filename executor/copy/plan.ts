// COPY and ADD as data: from sources and the tree below to the entries of a layer and where their bytes are.

import { TsbuildError } from "../../errors.js";
import { type Entry, FileTree, joinPath, parentOf } from "../../filesystem/index.js";
import { DockerfileError, type Span } from "../../parser/index.js";
import type { CopyOp, CopySource } from "../../planner/index.js";
import { missingPath } from "../missing-path.js";
import { unpackSelected } from "./archive.js";
import { type Content, Destination, type MadeDirectory } from "./destination.js";
import { parseMode } from "./mode.js";
import { selectOwner } from "./owner.js";
import { selectWithParents } from "./parents.js";
import { clamp, select, selectNamed } from "./select.js";
import type { Selected, SourceTree } from "./source.js";
import { Transfer, type CopyRules } from "./transfer.js";

export interface CopyPlan {
  readonly changes: readonly Entry[];
  contentOf(entry: Entry): Content;
}

export interface CopyInputs {
  /** The tree below; absent for `--link`, which stands on nothing. */
  readonly parent: FileTree | undefined;
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** The tree of each source, by vertex id. */
  readonly sources: ReadonlyMap<number, SourceTree>;
  /** For directories and heredocs: seconds since the epoch. */
  readonly now: number;
  /** An empty directory for what archives unpack to. */
  readonly scratch: () => string;
  readonly signal?: AbortSignal;
  /** Told of what is allowed and probably not meant. */
  readonly warn?: (message: string, span: Span) => void;
}

/** @throws source_not_found, copy_conflict, unknown_user, bad_value, bad_archive */
export async function planCopy(op: CopyOp, inputs: CopyInputs): Promise<CopyPlan> {
  const parent = inputs.parent ?? FileTree.empty;
  const options = await copyRules(op, inputs);
  const destination = new Destination(parent, madeDirectory(op, options, inputs.now));
  const isDirectory = op.destination.endsWith("/") || op.parents;
  const target = parent.resolve(op.destination);
  if (isDirectory) destination.makeDirectory(target);
  const step = { op, inputs, options, destination, target, isDirectory };
  let copied = 0;
  for (const source of op.sources)
    copied += await copySource(step, source).catch((error: unknown) => failAt(source.span, error));
  if (copied > 1) checkSeveral(step, copied);
  return { changes: destination.changes(), contentOf: (entry) => destination.content(entry.path)! };
}

interface Step {
  readonly op: CopyOp;
  readonly inputs: CopyInputs;
  readonly options: CopyRules;
  readonly destination: Destination;
  readonly target: string;
  readonly isDirectory: boolean;
}

/** @returns how many things the source named */
async function copySource(step: Step, source: CopySource): Promise<number> {
  if (source.kind === "inline") return copyInline(step, source.name, source.content);
  const tree = step.inputs.sources.get(source.input)!;
  const transfer = new Transfer(tree, step.destination, step.options);
  if (step.op.parents) return copyParents(step, source, tree, transfer);
  const selected = source.download ? selectNamed(tree.tree, source.path) : select(tree.tree, source.path);
  if (selected.length === 0) reportMissing(source, tree, step.inputs.warn);
  for (const one of await hashSelected(tree, selected)) {
    const unpack = source.download && step.op.unpack === "auto" ? "never" : step.op.unpack;
    const unpacked = await unpackSelected(one, tree, unpack, step);
    if (unpacked) warnOfFlags(step, source);
    else transfer.copy(one, step.target, step.isDirectory);
  }
  return selected.length;
}

async function copyParents(
  step: Step,
  source: CopySource & { kind: "files" },
  tree: SourceTree,
  transfer: Transfer,
): Promise<number> {
  const { base, selected } = selectWithParents(tree.tree, source.path);
  if (selected.length === 0) reportMissing(source, tree, step.inputs.warn);
  for (const one of await hashSelected(tree, selected)) transfer.copyWithParents(one, base, step.target);
  return selected.length;
}

/** A failure of one word points at it. */
function failAt(span: Span | undefined, error: unknown): never {
  if (span === undefined) throw error;
  if (!(error instanceof TsbuildError) || error instanceof DockerfileError || error.code === "interrupted") throw error;
  throw new DockerfileError(error.code, error.message, span, {
    cause: error.cause,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}

/** Digests first: the transfer then copies entries that are complete. */
async function hashSelected(source: SourceTree, selected: readonly Selected[]): Promise<readonly Selected[]> {
  await source.hash(selected.flatMap(({ path }) => [...source.tree.walk(path)]));
  return selected.map((one) => ({ ...one, entry: source.tree.get(one.path)! }));
}

/** A heredoc becomes a file of its own, 0644 (S-036). */
function copyInline(step: Step, name: string, content: string): number {
  const { destination, target, options, isDirectory } = step;
  const path = isDirectory || destination.get(target)?.type === "directory" ? joinPath(target, name) : target;
  const bytes = Buffer.from(content);
  destination.makeDirectory(parentOf(path));
  const mode = options.mode ? options.mode(0o644, false) : 0o644;
  const { uid, gid } = options.owner ?? { uid: 0, gid: 0 };
  const existing = destination.get(path);
  if (existing?.type === "directory")
    throw new TsbuildError("copy_conflict", `cannot replace the directory "/${path}" with a file`, {
      hint: "Choose another destination, or remove the directory by a RUN before.",
    });
  destination.put(
    { path, type: "file", mode, uid, gid, size: bytes.length, mtime: step.inputs.now, mtimeNs: 0 },
    bytes,
  );
  return 1;
}

async function copyRules(op: CopyOp, inputs: CopyInputs): Promise<CopyRules> {
  const readFile = op.link ? undefined : inputs.readFile;
  const chosen = op.chown === undefined ? undefined : selectOwner(op.chown, readFile);
  const owner = await chosen?.catch((error: unknown) => failAt(op.places?.chown?.span, error));
  const mode = op.chmod === undefined ? undefined : parseMode(op.chmod);
  return { ...(owner && { owner }), ...(mode && { mode }), exclude: op.exclude };
}

/** Directories made on the way get `--chown` and an octal `--chmod` too (S-091, S-092). */
function madeDirectory({ chmod = "" }: CopyOp, options: CopyRules, now: number): MadeDirectory {
  const { uid, gid } = options.owner ?? { uid: 0, gid: 0 };
  return { uid, gid, mode: /^[0-7]+$/.test(chmod) ? options.mode!(0o755, true) : 0o755, mtime: now };
}

function reportMissing(source: CopySource & { kind: "files" }, tree: SourceTree, warn: CopyInputs["warn"]): void {
  const isPattern = /[*?[]/.test(source.path);
  if (isPattern)
    return warn?.(`the pattern "${source.path}" matches nothing${bracketHint(source.path, tree)}`, source.span); // no error (S-083)
  throw missingPath(source.path, { hint: tree.explainMissing(source.path) });
}

/** As BuildKit has it: `--chown` holds for what comes out of an archive, these do not (S-108). */
function warnOfFlags({ op, inputs }: Step, { path, span }: CopySource & { kind: "files" }): void {
  const flags = [...(op.exclude.length > 0 ? ["--exclude"] : []), ...(op.chmod === undefined ? [] : ["--chmod"])];
  if (flags.length === 0) return;
  const verb = flags.length === 1 ? "does" : "do";
  inputs.warn?.(`${flags.join(" and ")} ${verb} not change what is extracted from the archive "${path}"`, span);
}

/** The reference demands a directory for several sources; overwriting one file by the next is never meant (S-077). */
function checkSeveral({ op, destination, target, isDirectory }: Step, copied: number): void {
  if (isDirectory || destination.get(target)?.type === "directory") return;
  const message = `${copied} sources are copied to one file "${op.destination}"`;
  const hint = `End the destination with "/": ${op.destination}/`;
  failAt(op.places?.destination.span, new TsbuildError("copy_conflict", message, { hint }));
}

/** A file may have the very name that was meant as it is written (S-084). */
function bracketHint(path: string, { tree }: SourceTree): string {
  if (!tree.get(clamp(path))) return "";
  return `; write "${path.replace(/[*?[]/g, (character) => `[${character}]`)}" for the file of that name`;
}
