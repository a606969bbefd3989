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
const SYNTAX = ["syntax", "unknown_instruction", "unknown_flag", "missing_argument", "unterminated_heredoc", "bad_directive", "duplicate_flag", "bad_flag_value"];

export function describeError(error: unknown, { prefix = "", debug = false }: ErrorTextOptions = {}): ErrorText {
  if (!(error instanceof TsbuildError)) return describeBug(error);
  const chain = causes(error);
  const details = [...chain.flatMap((one, index) => describeOne(one, index)), ...(debug ? [stackOf(error)] : [])];
  return { head: `ERROR: ${prefix}${headline(error)}`, details };
}

function describeBug(error: unknown): ErrorText {
  const hint = "hint: This is a bug of tsbuild. Please report it, with the lines above and the Dockerfile.";
  return { head: `ERROR: internal error: ${error instanceof Error ? error.message : String(error)}`, details: [stackOf(error), hint] };
}

function headline(error: TsbuildError): string {
  const isSyntax = error instanceof DockerfileError && SYNTAX.includes(error.code);
  return isSyntax ? `dockerfile parse error on line ${error.span.line}: ${error.message}` : error.message;
}

/** One error's own lines. The first one's message is in the head already, unless its place follows. */
function describeOne(error: Error, index: number): string[] {
  if (!(error instanceof TsbuildError)) return [`cause: ${error.message}`];
  if (error instanceof DockerfileError) return [error, ...error.others].flatMap(placed);
  return [...(index === 0 ? [] : [`cause: ${error.message}`]), ...hintOf(error)];
}

/**
 *     error[unknown_stage]: no stage is named "bulider"
 *     Dockerfile:2:13
 *     …
 *     hint: Did you mean "builder"?
 */
function placed(error: DockerfileError): string[] {
  return [`error[${error.code}]: ${error.message}`, error.excerpt(), ...hintOf(error)];
}

function hintOf({ hint }: TsbuildError): string[] {
  return hint === undefined ? [] : [`hint: ${hint}`];
}

/** The error and its causes, each message once. System errors are shown only by what wraps them. */
function causes(error: TsbuildError): Error[] {
  const chain: Error[] = [error];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const isNews = chain.every(({ message }) => !message.includes((cause as Error).message));
    if (isNews || cause instanceof DockerfileError) chain.push(cause);
  }
  return chain;
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return stack + cause;
}
