// What COPY and ADD refuse before anything is read.
// https://docs.docker.com/reference/dockerfile/#add

import { type AddInstruction, type CopyInstruction, DockerfileError, type Span } from "../parser/index.js";

type Transfer = CopyInstruction | AddInstruction;

const URL = /^https?:\/\//i;
const GIT_URL = /^(?:git|ssh):\/\/|^(?:[\w.-]+@)[\w.-]+:|^https?:\/\/[^?#]+\.git(?:[?#]|$)/i;
const SYMBOLIC_MODE = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*$/;
const OCTAL_MODE = /^[0-7]+$/;

/** COPY takes no files from elsewhere (S-114); ADD would, but only local files are supported. */
export function refuseRemote(instruction: Transfer, sources: readonly string[]): void {
  for (const [index, source] of sources.entries()) {
    const kind = GIT_URL.test(source) ? "a git repository" : URL.test(source) ? "a URL" : undefined;
    if (kind) throw remoteSource(instruction, kind, source, instruction.sources[index]!.span);
  }
  if (instruction.kind === "ADD" && instruction.checksum) throw localChecksum(instruction.checksum.span);
}

function remoteSource({ kind: keyword }: Transfer, kind: string, source: string, span: Span): DockerfileError {
  if (keyword === "COPY") {
    return new DockerfileError("bad_value", `expected a path in the build context, found ${kind}, "${source}"`, span, {
      hint: "Use ADD for it.",
    });
  }
  return new DockerfileError("unsupported", `ADD of ${kind} is not supported, found "${source}"`, span, {
    hint: "Fetch it in a RUN step, or before the build into the build context.",
  });
}

function localChecksum(span: Span): DockerfileError {
  return new DockerfileError(
    "bad_flag_value",
    "expected a URL or a git repository with --checksum, found local files",
    span,
    {
      hint: "Remove --checksum; local files are compared by their content anyway.",
    },
  );
}

/** Octal to 7777, or clauses such as `u=rwX,go=rX` (S-096). */
export function checkMode(mode: string, span: Span): void {
  if (OCTAL_MODE.test(mode) ? Number.parseInt(mode, 8) <= 0o7777 : SYMBOLIC_MODE.test(mode)) return;
  throw new DockerfileError(
    "bad_flag_value",
    `expected an octal mode from 0 to 7777 or a symbolic one, found "${mode}"`,
    span,
    {
      hint: 'Write a mode such as "755" or "u=rwX,go=rX".',
    },
  );
}
