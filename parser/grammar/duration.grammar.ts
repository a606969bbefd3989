// Generated from duration.ne by npm run grammar; do not edit.

// Bypasses TS6133. Allow declared but unused functions.
// @ts-ignore
function id(d: any[]): any { return d[0]; }

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, "\u00b5s": 1e3, "\u03bcs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of one term. What is less than a nanosecond is dropped. */
const term = ([number, unit]: any[]): number => {
  const [whole, fraction = ""] = number.split(".");
  return Number(whole) * UNITS[unit]! + Math.trunc(Number(`0.${fraction}`) * UNITS[unit]!);
};

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
  Lexer: undefined,
  ParserRules: [
    {"name": "duration", "symbols": ["sign", "amount"], "postprocess": ([sign, amount]) => sign * amount},
    {"name": "sign", "symbols": [], "postprocess": () => 1},
    {"name": "sign", "symbols": [{"literal":"+"}], "postprocess": () => 1},
    {"name": "sign", "symbols": [{"literal":"-"}], "postprocess": () => -1},
    {"name": "amount", "symbols": [{"literal":"0"}], "postprocess": () => 0},
    {"name": "amount", "symbols": ["terms"], "postprocess": id},
    {"name": "terms", "symbols": ["term"], "postprocess": id},
    {"name": "terms", "symbols": ["terms", "term"], "postprocess": ([sum, next]) => sum + next},
    {"name": "term", "symbols": ["number", "unit"], "postprocess": term},
    {"name": "number", "symbols": ["digits"], "postprocess": id},
    {"name": "number", "symbols": ["digits", {"literal":"."}], "postprocess": id},
    {"name": "number", "symbols": [{"literal":"."}, "digits"], "postprocess": ([, fraction]) => `0.${fraction}`},
    {"name": "number", "symbols": ["digits", {"literal":"."}, "digits"], "postprocess": ([whole, , fraction]) => `${whole}.${fraction}`},
    {"name": "digits$ebnf$1", "symbols": [/[0-9]/]},
    {"name": "digits$ebnf$1", "symbols": ["digits$ebnf$1", /[0-9]/], "postprocess": (d) => d[0].concat([d[1]])},
    {"name": "digits", "symbols": ["digits$ebnf$1"], "postprocess": ([digits]) => digits.join("")},
    {"name": "unit$subexpression$1$string$1", "symbols": [{"literal":"n"}, {"literal":"s"}], "postprocess": (d) => d.join('')},
    {"name": "unit$subexpression$1", "symbols": ["unit$subexpression$1$string$1"]},
    {"name": "unit$subexpression$1$string$2", "symbols": [{"literal":"u"}, {"literal":"s"}], "postprocess": (d) => d.join('')},
    {"name": "unit$subexpression$1", "symbols": ["unit$subexpression$1$string$2"]},
    {"name": "unit$subexpression$1$string$3", "symbols": [{"literal":"µ"}, {"literal":"s"}], "postprocess": (d) => d.join('')},
    {"name": "unit$subexpression$1", "symbols": ["unit$subexpression$1$string$3"]},
    {"name": "unit$subexpression$1$string$4", "symbols": [{"literal":"μ"}, {"literal":"s"}], "postprocess": (d) => d.join('')},
    {"name": "unit$subexpression$1", "symbols": ["unit$subexpression$1$string$4"]},
    {"name": "unit$subexpression$1$string$5", "symbols": [{"literal":"m"}, {"literal":"s"}], "postprocess": (d) => d.join('')},
    {"name": "unit$subexpression$1", "symbols": ["unit$subexpression$1$string$5"]},
    {"name": "unit$subexpression$1", "symbols": [{"literal":"s"}]},
    {"name": "unit$subexpression$1", "symbols": [{"literal":"m"}]},
    {"name": "unit$subexpression$1", "symbols": [{"literal":"h"}]},
    {"name": "unit", "symbols": ["unit$subexpression$1"], "postprocess": ([[unit]]) => unit}
  ],
  ParserStart: "duration",
};

export default grammar;
