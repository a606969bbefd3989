// Finds and reads the file that says what of a context is ignored (S-179, S-180, S-184, S-187).
// https://docs.docker.com/build/concepts/context/#dockerignore-files

import { readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { TsbuildError } from "../../errors.js";
import { decodeName } from "../../filesystem/index.js";
import type { IgnoreRules } from "../graph.js";
import { cleanPath } from "../paths.js";
import { parseIgnorePattern } from "./ignore-pattern.js";
import { trimSpace } from "./trim-space.js";

/**
 * The patterns of an ignore file, cleaned as moby cleans them. Comments begin in the first column; a "#" after a space
 * is a pattern.
 * @param file names the text in messages and in `IgnoreRules.file`.
 * @throws bad_pattern with file and line.
 */
export function parseIgnore(text: string | Uint8Array, file: string): IgnoreRules {
  const decoded = typeof text === "string" ? text : decodeName(text);
  const lines = decoded.replace(/^\ufeff/, "").split("\n");
  const patterns = lines.flatMap((content, index) => {
    const pattern = content.startsWith("#") ? "" : cleanLine(content);
    if (pattern !== "") checkPattern(pattern, `${file}:${index + 1}`);
    return pattern === "" ? [] : [{ text: pattern, line: index + 1 }];
  });
  return { file, patterns };
}

/**
 * The path of the ignore file: `<Dockerfile>.dockerignore` beside the Dockerfile, which replaces any other; else
 * `.dockerignore`, else `.containerignore` at the root of the context. Undefined when there is none.
 * @param dockerfile is absent when the Dockerfile is not a file.
 */
export function findIgnoreFile(contextDirectory: string, dockerfile?: string): string | undefined {
  const own = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  const paths = [...own, join(contextDirectory, ".dockerignore"), join(contextDirectory, ".containerignore")];
  return paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/**
 * Finds and parses the ignore file of a context. Messages name it relative to the context when it is inside.
 * @throws bad_pattern, or bad_context when the file cannot be read.
 */
export function readIgnoreFile(contextDirectory: string, dockerfile?: string): IgnoreRules {
  const path = findIgnoreFile(contextDirectory, dockerfile);
  if (path === undefined) return { patterns: [] };
  const inside = relative(resolve(contextDirectory), resolve(path));
  return parseIgnore(readBytes(path), inside.startsWith("..") ? path : inside);
}

/** Patterns that are given one by one, as with `COPY --exclude`: the rules of an ignore file, but "#" begins no comment. */
export function parseExcludes(patterns: readonly string[], flag: string): IgnoreRules {
  const cleaned = patterns
    .map((pattern, index) => ({ text: cleanLine(pattern), line: index + 1 }))
    .filter(({ text }) => text !== "");
  for (const { text } of cleaned) checkPattern(text, flag);
  return { patterns: cleaned };
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TsbuildError("bad_context", `cannot read the ignore file "${path}": ${code}`, {
      hint: "Make it a file that you may read, or remove it.",
      cause: error,
    });
  }
}

/** Trims, cleans and un-roots a pattern. */
function cleanLine(line: string): string {
  const trimmed = trimSpace(line);
  const negated = trimmed.startsWith("!");
  const path = trimSpace(negated ? trimmed.slice(1) : trimmed);
  const clean = path === "" ? "" : cleanPath(path).replace(/^\/(?=.)/s, "");
  return negated ? `!${clean}` : clean;
}

function checkPattern(pattern: string, place: string): void {
  try {
    parseIgnorePattern(pattern);
  } catch (error) {
    if (!(error instanceof TsbuildError)) throw error;
    throw new TsbuildError(error.code, `${place}: ${error.message}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
