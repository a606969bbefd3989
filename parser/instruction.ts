// One logical line as an instruction.
// https://docs.docker.com/reference/dockerfile/

import type { Instruction, OnbuildInstruction, Word } from "./ast.js";
import { DockerfileError } from "./error.js";
import { Flags, splitFlags } from "./flags.js";
import { findHeredocs, readHeredocs } from "./heredoc.js";
import { cmd, entrypoint, shell } from "./instructions/command.js";
import { from } from "./instructions/from.js";
import { healthcheck } from "./instructions/healthcheck.js";
import { missing, NO_FLAGS, type Kind, type Rule } from "./instructions/input.js";
import { arg, env, label } from "./instructions/pairs.js";
import { run } from "./instructions/run.js";
import { expose, maintainer, stopsignal, user, volume, workdir } from "./instructions/simple.js";
import { add, copy } from "./instructions/transfer.js";
import { parseJsonForm } from "./json-form.js";
import type { Escape, LineReader, LogicalLine } from "./lines.js";
import { didYouMean, orMeant, suggest } from "../suggest.js";
import type { Text } from "./text.js";
import { cutAtBlanks } from "./words.js";

type PlainKind = Exclude<Kind, "ONBUILD">;

const RULES: { readonly [K in PlainKind]: Rule<K> } = {
  FROM: from,
  ARG: arg,
  ENV: env,
  LABEL: label,
  RUN: run,
  COPY: copy,
  ADD: add,
  CMD: cmd,
  ENTRYPOINT: entrypoint,
  SHELL: shell,
  HEALTHCHECK: healthcheck,
  EXPOSE: expose,
  VOLUME: volume,
  USER: user,
  WORKDIR: workdir,
  STOPSIGNAL: stopsignal,
  MAINTAINER: maintainer,
};

const KINDS: readonly Kind[] = [...(Object.keys(RULES) as PlainKind[]), "ONBUILD"];

/** A build with the image could not run these before its own instructions. */
const NO_TRIGGERS = new Set(["FROM", "MAINTAINER", "ONBUILD"]);

/** A logical line cut in two, and where its heredocs are read from. */
interface Statement {
  readonly line: LogicalLine;
  readonly keyword: Text;
  /** Without white space at both ends; empty when there are none. */
  readonly args: Text;
  readonly lines: LineReader;
  readonly escape: Escape;
}

/**
 * Reads the instruction of a logical line, and from `lines` the bodies of its heredocs.
 *
 * @throws DockerfileError
 */
export function parseInstruction(line: LogicalLine, lines: LineReader, escape: Escape): Instruction {
  const [keyword, rest] = cutAtBlanks(line.text.trim());
  const args = (rest ?? keyword.slice(keyword.length)).trim();
  const statement = { line, keyword, args, lines, escape };
  const kind = keyword.value.toUpperCase();
  if (kind === "ONBUILD") return parseOnbuild(statement);
  if (!isPlainKind(kind)) throw unknownInstruction(statement);
  return parsePlain(kind, statement);
}

function isPlainKind(kind: string): kind is PlainKind {
  return Object.hasOwn(RULES, kind);
}

function parsePlain(kind: PlainKind, statement: Statement): Instruction {
  const { keyword, lines, escape } = statement;
  const rule: Rule<Kind> = RULES[kind];
  const { flags: written, rest: args } = splitFlags(statement.args);
  const json: Word[] | undefined = rule.json ? parseJsonForm(args) : undefined;
  const heredocPlaces = rule.heredocs && !json ? findHeredocs(args) : [];
  // The bodies are read before anything can fail, else an error in a flag would make instructions of them.
  const heredocs = readHeredocs(args, heredocPlaces, lines);
  const flags = new Flags(kind, written, rule.flags);
  const fields = rule.read({ file: lines.file, escape, keyword, args, flags, json, heredocs, heredocPlaces });
  return Object.assign(common(kind, statement), { flags: written.map(({ flag }) => flag) }, fields) as Instruction;
}

function common<K extends Kind>(kind: K, { line, keyword, args, lines }: Statement) {
  const { comments, emptyLines, startLine } = line;
  return {
    kind,
    keyword: keyword.value,
    span: keyword.span(),
    startLine,
    endLine: lines.linesRead,
    text: args.value,
    comments,
    ...(emptyLines.length > 0 && { emptyLines }),
  };
}

/** The trigger is read here for its errors and its heredocs, and again when it is used (S-072, S-074). */
function parseOnbuild(statement: Statement): OnbuildInstruction {
  const { line, args, lines, escape } = statement;
  checkNoFlags(args);
  if (args.length === 0) throw missing(statement, "an instruction");
  const [inner] = cutAtBlanks(args);
  if (NO_TRIGGERS.has(inner.value.toUpperCase())) throw notAllowed(inner);
  const read = lines.linesRead;
  parseInstruction({ ...line, text: args }, lines, escape);
  const trigger = [args.value, ...lines.since(read)].join("\n");
  return { ...common("ONBUILD", statement), flags: [], trigger };
}

function checkNoFlags(args: Text): void {
  new Flags("ONBUILD", splitFlags(args).flags, NO_FLAGS);
}

const CHAINED = "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed";

function notAllowed(keyword: Text): DockerfileError {
  const word = keyword.value.toUpperCase();
  const message = word === "ONBUILD" ? CHAINED : `${word} isn't allowed as an ONBUILD trigger`;
  return new DockerfileError("instruction_not_allowed", message, keyword.span(), { hint: "Remove this line." });
}

function unknownInstruction({ keyword, args, lines }: Statement): DockerfileError {
  // The body of a heredoc behind a mistyped word is not instructions either.
  const meant = suggest(keyword.value, KINDS);
  if (meant === "RUN" || meant === "COPY" || meant === "ADD") readHeredocs(args, findHeredocs(args), lines);
  const hint = didYouMean(keyword.value, KINDS) ?? `Use one of ${KINDS.join(", ")}.`;
  return new DockerfileError(
    "unknown_instruction",
    `unknown instruction: ${keyword.value.slice(0, 40)}${orMeant(keyword.value, KINDS)}`,
    keyword.span(),
    { hint },
  );
}
