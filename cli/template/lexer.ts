// The text of a Go template → pieces of text and the words of each action.
// https://pkg.go.dev/text/template#hdr-Text_and_spaces

import { badTemplate } from "./error.js";

export interface Token {
  readonly type: "string" | "word" | "field" | "variable" | "number" | "symbol";
  readonly text: string;
  /** Whether nothing stands between this token and the one before. */
  readonly isJoined: boolean;
}

export type Piece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "action"; readonly tokens: readonly Token[] };

/** An action ends at the first `}}` outside of quotes. */
const ACTION = /\{\{(-\s)?((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\s-\}\}|\}\})[^])*)(\s-)?\}\}/y;

const TOKEN =
  /\s+|(?<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?<field>(?:\.[A-Za-z_]\w*)+|\.)|(?<variable>\$\w*)|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_]\w*)|(?<symbol>:=|[=()|,])/y;

/** @throws usage */
export function splitTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let trimNext = false;
  for (let at = 0; at < template.length;) {
    const open = template.indexOf("{{", at);
    const text = template.slice(at, open < 0 ? undefined : open);
    if (open < 0) return [...pieces, { type: "text", text: trimNext ? text.trimStart() : text }];
    ACTION.lastIndex = open;
    const action = ACTION.exec(template);
    if (!action) throw badTemplate(template, "an action is not closed", "Add the missing }}.");
    const [whole, trimBefore, body = "", trimAfter] = action;
    const start = trimNext ? text.trimStart() : text;
    pieces.push({ type: "text", text: trimBefore === undefined ? start : start.trimEnd() });
    if (!body.trim().startsWith("/*")) pieces.push({ type: "action", tokens: tokensOf(body, template) });
    trimNext = trimAfter !== undefined;
    at = open + whole.length;
  }
  return pieces;
}

function tokensOf(body: string, template: string): Token[] {
  const tokens: Token[] = [];
  let isJoined = false;
  for (let at = 0; at < body.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(body)?.groups;
    if (!groups) throw badTemplate(template, `"${body.slice(at).trim()}" cannot be read`);
    const [type, found] = Object.entries(groups).find(([, one]) => one !== undefined) ?? [];
    if (type !== undefined) {
      const text = type === "string" ? unquote(found!, template) : found!;
      tokens.push({ type: type as Token["type"], text, isJoined });
    }
    isJoined = type !== undefined;
  }
  return tokens;
}

function unquote(text: string, template: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch (error) {
    if (error instanceof SyntaxError) throw badTemplate(template, `${text} has an unknown escape`);
    throw error;
  }
}
