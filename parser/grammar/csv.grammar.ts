// Generated from csv.ne by npm run grammar; do not edit.

// Bypasses TS6133. Allow declared but unused functions.
// @ts-ignore
function id(d: any[]): any { return d[0]; }
declare var comma: any;
declare var text: any;
declare var open: any;
declare var close: any;
declare var inside: any;
declare var escaped: any;

import { csvLexer } from "./csv-lexer.js";
import type { Token } from "moo";

/** Where a piece of a field stands. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A list that shares all but its last item with the list that it was made from: copies would cost the square of the length. */
export interface Chain<T> {
  readonly before: Chain<T> | undefined;
  readonly item: T;
}

const piece = ({ offset, text }: Token): Piece => ({ start: offset, end: offset + text.length });
const quote = ({ offset }: Token): Piece => ({ start: offset, end: offset + 1 });
const append = <T>(before: Chain<T> | undefined, item: T): Chain<T> => ({ before, item });

interface NearleyToken {
  value: any;
  [key: string]: any;
};

interface NearleyLexer {
  reset: (chunk: string, info: any) => void;
  next: () => NearleyToken | undefined;
  save: () => any;
  formatError: (token: never) => string;
  has: (tokenType: string) => boolean;
};

interface NearleyRule {
  name: string;
  symbols: NearleySymbol[];
  postprocess?: (d: any[], loc?: number, reject?: {}) => any;
};

type NearleySymbol = string | { literal: any } | { test: (token: any) => boolean };

interface Grammar {
  Lexer: NearleyLexer | undefined;
  ParserRules: NearleyRule[];
  ParserStart: string;
};

const grammar: Grammar = {
  Lexer: csvLexer,
  ParserRules: [
    {"name": "record", "symbols": ["field"], "postprocess": ([field]) => append(undefined, field)},
    {"name": "record", "symbols": ["record", (csvLexer.has("comma") ? {type: "comma"} : comma), "field"], "postprocess": ([list, , field]) => append(list, field)},
    {"name": "field", "symbols": [], "postprocess": () => undefined},
    {"name": "field", "symbols": [(csvLexer.has("text") ? {type: "text"} : text)], "postprocess": ([text]) => append(undefined, piece(text))},
    {"name": "field", "symbols": [(csvLexer.has("open") ? {type: "open"} : open), "quoted", (csvLexer.has("close") ? {type: "close"} : close)], "postprocess": ([, pieces]) => pieces},
    {"name": "quoted", "symbols": [], "postprocess": () => undefined},
    {"name": "quoted", "symbols": ["quoted", (csvLexer.has("inside") ? {type: "inside"} : inside)], "postprocess": ([list, inside]) => append(list, piece(inside))},
    {"name": "quoted", "symbols": ["quoted", (csvLexer.has("escaped") ? {type: "escaped"} : escaped)], "postprocess": ([list, escaped]) => append(list, quote(escaped))}
  ],
  ParserStart: "record",
};

export default grammar;
