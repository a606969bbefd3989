// COPY and ADD.
// https://docs.docker.com/reference/dockerfile/#copy

import {
  type AddInstruction,
  type CopyInstruction,
  DockerfileError,
  expandHeredoc,
  type Heredoc,
} from "../parser/index.js";
import { redactUrl } from "../remote/index.js";
import { remoteSource, transferSources } from "./add-sources.js";
import { checkMode, checkOwner } from "./copy-checks.js";
import { describeLine } from "./describe.js";
import type { CopyOp, CopySource } from "./graph.js";
import { buildContext } from "./inputs.js";
import { destinationPath } from "./paths.js";
import { sourceVertex } from "./sources.js";
import { stageLabel } from "./stages.js";
import { type Line, type Planning, type StageState, addStep, expand, record, workingDirectory } from "./state.js";

type Transfer = CopyInstruction | AddInstruction;

/** What the flags and words are once their variables are put in. */
interface Values {
  readonly sources: readonly string[];
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly checksum?: string;
  readonly exclude: readonly string[];
}

export async function planTransfer(line: Line<Transfer>, state: StageState, planning: Planning): Promise<StageState> {
  const { instruction } = line;
  const values = expandValues(instruction, state, planning);
  if (values.chmod !== undefined) checkMode(values.chmod, instruction.chmod!.span);
  if (values.chown !== undefined) checkOwner(values.chown, instruction.chown!.span);
  const op: CopyOp = {
    kind: "copy",
    parent: state.vertex,
    sources: [...(await files(line, values, state, planning)), ...inlineFiles(instruction, state)],
    destination: destinationPath(workingDirectory(state), values.destination),
    ...(values.chown !== undefined && { chown: values.chown }),
    ...(values.chmod !== undefined && { chmod: values.chmod }),
    places: placesOf(instruction),
    link: instruction.link && values.chmod === undefined,
    exclude: values.exclude,
    parents: instruction.parents,
    unpack: unpackOf(instruction),
  };
  const copied = addStep(line, op, redactUrl(describeLine(instruction, state, planning)), state, planning);
  return record(copied, `${redactUrl(historyText(instruction, values))} # buildkit`, copied.vertex);
}

/** A flag that a variable makes empty is as good as none. */
function expandValues(instruction: Transfer, state: StageState, planning: Planning): Values {
  const { sources, destination, chown, chmod, exclude, json } = instruction;
  const owner = chown && expand(chown, state, planning);
  const mode = chmod && expand(chmod, state, planning);
  const checksum =
    instruction.kind === "ADD" && instruction.checksum ? expand(instruction.checksum, state, planning) : "";
  return {
    sources: sources.map((word) => expand(word, state, planning, { json })),
    destination: expand(destination, state, planning, { json }),
    exclude: exclude.map((word) => expand(word, state, planning)),
    ...(owner && { chown: owner }),
    ...(mode && { chmod: mode }),
    ...(checksum && { checksum }),
  };
}

async function files(
  line: Line<Transfer>,
  values: Values,
  state: StageState,
  planning: Planning,
): Promise<CopySource[]> {
  const { instruction, span, lines } = line;
  const sources = transferSources(instruction, values.sources, values.checksum);
  const from = instruction.kind === "COPY" ? instruction.from : undefined;
  const isLocal = sources.some(({ kind }) => kind === "local");
  const input = isLocal && (from ? await sourceVertex(from, state, planning) : buildContext(span, planning));
  const place = { stage: stageLabel(state.stage), span, lines };
  return sources.map((source) =>
    source.kind === "local"
      ? { ...source, kind: "files", input: input as number }
      : remoteSource(source, place, planning),
  );
}

/** Each heredoc is a file with the delimiter as its name; its body is expanded unless the delimiter is quoted (S-034, S-036). */
function inlineFiles({ heredocs }: Transfer, { scope }: StageState): CopySource[] {
  return heredocs.map((heredoc) => {
    checkFileName(heredoc);
    const { text } = expandHeredoc(heredoc, (name) => scope.variables.get(name));
    return { kind: "inline", name: heredoc.name, content: text, span: heredoc.word.span };
  });
}

/** The delimiter names a file of the destination: it must not lead anywhere else. */
function checkFileName({ name, word }: Heredoc): void {
  if (!name.includes("/") && name !== "." && name !== "..") return;
  throw new DockerfileError("bad_value", `expected the name of a file as delimiter, found "${name}"`, word.span, {
    hint: "Name the file by the delimiter, and its directory by the destination.",
  });
}

function placesOf({ chown, destination }: Transfer): NonNullable<CopyOp["places"]> {
  return { destination: { span: destination.span }, ...(chown && { chown: { span: chown.span } }) };
}

function unpackOf(instruction: Transfer): CopyOp["unpack"] {
  if (instruction.kind === "COPY") return "never";
  if (instruction.unpack === undefined) return "auto";
  return instruction.unpack ? "always" : "never";
}

/** `COPY --chown=node a b /dst`: BuildKit writes neither `--from` nor `--link` (S-155). */
function historyText({ kind, parents, heredocs }: Transfer, { sources, destination, chown, chmod }: Values): string {
  return [
    kind,
    ...(parents ? ["--parents"] : []),
    ...(chown === undefined ? [] : [`--chown=${chown}`]),
    ...(chmod === undefined ? [] : [`--chmod=${chmod}`]),
    ...sources,
    ...heredocs.map(({ name }) => `<<${name}`),
    destination,
  ].join(" ");
}
