// An error as text for people.

import { DockerfileError, TsbuildError } from "../../index.js";

export interface ErrorText {
  /** `ERROR: …` */
  readonly head: string;
  /** Lines that follow it: places, causes, hints. */
  readonly details: readonly string[];
}

export interface ErrorTextOptions {
  /** Stands before the message in the head. @default "" */
  readonly prefix?: string;
  /** Adds stack traces. @default false */
  readonly debug?: boolean;
}

/** Codes of errors that docker's parser has as well, and names by their line. */
const SYNTAX = [
  "syntax",
  "unknown_instruction",
  "unknown_flag",
  "missing_argument",
  "too_many_arguments",
  "instruction_not_allowed",
  "bad_stage_name",
  "bad_json",
  "unterminated_heredoc",
  "bad_directive",
  "duplicate_flag",
  "bad_flag_value",
];

export function describeError(error: unknown, { prefix = "", debug = false }: ErrorTextOptions = {}): ErrorText {
  if (isRefusal(error)) return describeRefusal(error, { prefix, debug });
  if (!(error instanceof TsbuildError)) return describeBug(error);
  const details = chainOf(error).flatMap((one, index, chain) => describeOne(one, chain.slice(0, index)));
  return { head: `ERROR: ${prefix}${headline(error)}`, details: [...details, ...(debug ? [stackOf(error)] : [])] };
}

/** What the system did not allow with a path. */
interface Refusal extends NodeJS.ErrnoException {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ELOOP: "too many links on the way",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "it is not there",
  ENOTDIR: "a part of the path is no folder",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  EEXIST: "it is there already",
  ENOTEMPTY: "the folder is not empty",
};

function isRefusal(error: unknown): error is Refusal {
  const { code = "", syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  return error instanceof Error && syscall !== undefined && path !== undefined && Object.hasOwn(REASONS, code);
}

/** A path that the user named, or that is the user's to mend. */
function describeRefusal(error: Refusal, { prefix = "", debug = false }: ErrorTextOptions): ErrorText {
  const { code, syscall, path } = error;
  const head = `ERROR: ${prefix}cannot use "${shortened(path)}": ${REASONS[code]} (${code}, ${syscall})`;
  return { head, details: ["hint: Check the path, and what you may do there.", ...(debug ? [stackOf(error)] : [])] };
}

const shortened = (path: string): string => (path.length < 500 ? path : `${path.slice(0, 150)}…${path.slice(-50)}`);

function describeBug(error: unknown): ErrorText {
  const hint = "hint: This is a bug of tsbuild. Please report it, with the lines above and the Dockerfile.";
  return {
    head: `ERROR: internal error: ${error instanceof Error ? error.message : String(error)}`,
    details: [stackOf(error), hint],
  };
}

function headline(error: TsbuildError): string {
  if (error.message.startsWith("failed to calculate checksum of ref"))
    return `failed to compute cache key: ${error.message}`;
  const isSyntax = error instanceof DockerfileError && SYNTAX.includes(error.code);
  return isSyntax ? `dockerfile parse error on line ${error.span.line}: ${error.message}` : error.message;
}

/** One error's own lines. A message that was said by an error around it is not said again. */
function describeOne(error: Error, around: readonly Error[]): string[] {
  if (error instanceof DockerfileError) {
    const inHead = around.length === 0 || around.some(({ message }) => message.includes(error.message));
    return [...placed(error, inHead), ...error.others.flatMap((other) => placed(other, false))];
  }
  const { code = error.message } = error as NodeJS.ErrnoException;
  const said = error instanceof TsbuildError ? error.message : code;
  const isSaid =
    around.length === 0 || around.some(({ message }) => message.includes(said) || message.includes(error.message));
  const hint = isReworded(error, around) ? [] : hintOf(error).filter((line) => !around.flatMap(hintOf).includes(line));
  return [...(isSaid ? [] : [`cause: ${error.message}`]), ...hint];
}

/** An error around it says the same, with a better hint. */
function isReworded(error: Error, around: readonly Error[]): boolean {
  return around.some((outer) => outer.message === error.message && hintOf(outer).length > 0);
}

/**
 * The message is left out where the head has it:
 *
 *     Dockerfile:2:13: error[unknown_stage]: no stage is named "bulider"
 *     …
 *     hint: Did you mean "builder"?
 */
function placed(error: DockerfileError, isSaid: boolean): string[] {
  const [place, ...rows] = error.excerpt().split("\n");
  return [`${place}: error[${error.code}]${isSaid ? "" : `: ${error.message}`}`, ...rows, ...hintOf(error)];
}

function hintOf(error: Error): string[] {
  return error instanceof TsbuildError && error.hint !== undefined ? [`hint: ${error.hint}`] : [];
}

/** The error and its causes, outermost first. */
function chainOf(error: Error): Error[] {
  return [error, ...(error.cause instanceof Error ? chainOf(error.cause) : [])];
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return stack + cause;
}
