// A syntax tree as plain data, for JSON.

import type { Dockerfile } from "./ast.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The tree with the file's path in place of its text, and each span as its line, column and length. */
export function toJson({ file, directives, instructions }: Dockerfile): Json {
  return { path: file.path, directives: plain(directives), instructions: plain(instructions) };
}

/** A copy without the files of spans: they all are the one that was parsed. */
function plain(node: unknown): Json {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== "object" || node === null) return node as Json;
  const fields = Object.entries(node).filter(([key, value]) => key !== "file" && value !== undefined);
  return Object.fromEntries(fields.map(([key, value]) => [key, plain(value)]));
}
