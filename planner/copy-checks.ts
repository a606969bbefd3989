// What COPY and ADD refuse before anything is read.
// https://docs.docker.com/reference/dockerfile/#add

import { DockerfileError, type Span } from "../parser/index.js";

const SYMBOLIC_MODE = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+(?:,[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+)*$/;
const OCTAL_MODE = /^[0-7]+$/;

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

/** `user`, `user:group` or `:group`, by name or number. Whether the image has the names is known when files are copied (S-094). */
export function checkOwner(owner: string, span: Span): void {
  if (owner.split(":").length <= 2) return;
  throw new DockerfileError("bad_flag_value", `expected a user or user:group, found "${owner}"`, span, {
    hint: 'Write names or numbers, such as "node:node" or "1000:1000".',
  });
}
