// The pieces of a Go template → what to print. A subset: output, if, with, range, variables, functions, pipes, templates by name.
// https://pkg.go.dev/text/template#hdr-Actions

import { badTemplate } from "./error.js";
import { type Piece, splitTemplate, type Token } from "./lexer.js";

export type Expression =
  | { readonly type: "value"; readonly value: string | number | boolean | null }
  /** Fields of `.`, of a variable, or of another expression. */
  | { readonly type: "fields"; readonly of?: Expression; readonly path: readonly string[] }
  | { readonly type: "variable"; readonly name: string }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] };

export type Node =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "output"; readonly value: Expression }
  | { readonly type: "template"; readonly name: string; readonly value: Expression | undefined }
  | { readonly type: "set"; readonly name: string; readonly value: Expression; readonly isNew: boolean }
  | {
      readonly type: "if" | "with" | "range";
      readonly value: Expression;
      /** Names of the variables that are set: of `range`, key and value. */
      readonly variables: readonly string[];
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  /** What `define` and `block` name. */
  readonly named: ReadonlyMap<string, readonly Node[]>;
}

/** @throws usage */
export function parseTemplate(template: string): ParsedTemplate {
  const parser = new Parser(template, splitTemplate(template));
  return { nodes: parser.list([]), named: parser.named };
}

const BLOCKS = ["if", "with", "range"] as const;

class Parser {
  readonly #template: string;
  readonly #pieces: readonly Piece[];
  #at = 0;
  readonly named = new Map<string, readonly Node[]>();
  /** How the last list ended. */
  #end: readonly Token[] = [];

  constructor(template: string, pieces: readonly Piece[]) {
    this.#template = template;
    this.#pieces = pieces;
  }

  /** Nodes up to an action that begins with one of `ends`, or to the end of the template when there are none. */
  list(ends: readonly string[]): Node[] {
    const nodes: Node[] = [];
    for (; this.#at < this.#pieces.length;) {
      const piece = this.#pieces[this.#at++]!;
      if (piece.type === "text") {
        nodes.push(piece);
        continue;
      }
      const word = piece.tokens[0]?.type === "word" ? piece.tokens[0].text : "";
      if (ends.includes(word)) {
        this.#end = piece.tokens;
        return nodes;
      }
      nodes.push(this.#action(word, piece.tokens));
    }
    if (ends.length > 0) throw badTemplate(this.#template, "a block is not closed", "Add {{end}}.");
    return nodes;
  }

  #action(word: string, tokens: readonly Token[]): Node {
    const block = BLOCKS.find((name) => name === word);
    if (block) return this.#block(block, tokens.slice(1));
    if (word === "define" || word === "template" || word === "block") return this.#byName(word, tokens.slice(1));
    if (word === "end" || word === "else") throw badTemplate(this.#template, `{{${word}}} ends no block`);
    const { variables, isNew, value } = this.#assignment(tokens);
    return variables[0] === undefined ? { type: "output", value } : { type: "set", name: variables[0], value, isNew };
  }

  /** `define "name"` prints nothing, `template "name" value` what was defined, `block "name" value` does both. */
  #byName(word: "define" | "template" | "block", [name, ...rest]: readonly Token[]): Node {
    if (name?.type !== "string") throw badTemplate(this.#template, `${word} expects a name in quotes`);
    if (word !== "template") this.named.set(name.text, this.list(["end"]));
    if (word === "define") return { type: "text", text: "" };
    const value = rest.length > 0 ? new ExpressionParser(this.#template, rest).whole() : undefined;
    return { type: "template", name: name.text, value };
  }

  #block(type: (typeof BLOCKS)[number], tokens: readonly Token[]): Node {
    const { variables, value } = this.#assignment(tokens);
    const body = this.list(["else", "end"]);
    const [end, ...more] = this.#end;
    if (end!.text === "end") return { type, value, variables, body, otherwise: [] };
    const isChained = more[0]?.type === "word" && more[0].text === type;
    const otherwise = isChained ? [this.#block(type, more.slice(1))] : this.list(["end"]);
    return { type, value, variables, body, otherwise };
  }

  /** `$x := value`, `$k, $v := value`, or the value alone. */
  #assignment(tokens: readonly Token[]) {
    const at = tokens.findIndex(({ type, text }) => type === "symbol" && (text === ":=" || text === "="));
    const value = new ExpressionParser(this.#template, tokens.slice(at + 1)).whole();
    if (at < 0) return { variables: [], isNew: false, value };
    const variables = tokens.slice(0, at).flatMap(({ type, text }) => (type === "variable" ? [text] : []));
    if (variables.length === 0) throw badTemplate(this.#template, `${tokens[at]!.text} has no variable before it`);
    return { variables, isNew: tokens[at]!.text === ":=", value };
  }
}

class ExpressionParser {
  readonly #template: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(template: string, tokens: readonly Token[]) {
    this.#template = template;
    this.#tokens = tokens;
  }

  whole(): Expression {
    const value = this.#pipeline();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return value;
  }

  /** `a | f x`: what is before a pipe is the last argument of what is after it. */
  #pipeline(): Expression {
    let value = this.#command();
    while (this.#takes("|")) {
      const next = this.#command();
      if (next.type !== "call") throw badTemplate(this.#template, "expected a function after |");
      value = { ...next, args: [...next.args, value] };
    }
    return value;
  }

  #command(): Expression {
    const first = this.#operand();
    const args: Expression[] = [];
    while (this.#hasOperand()) args.push(this.#operand());
    if (args.length === 0) return first;
    if (first.type !== "call") throw badTemplate(this.#template, "expected a function before other values");
    return { ...first, args };
  }

  #hasOperand(): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && (token.type !== "symbol" || token.text === "(");
  }

  #operand(): Expression {
    const token = this.#tokens[this.#at];
    if (!token) throw badTemplate(this.#template, "an action is empty", "Name a field: {{.ID}}.");
    if (!this.#hasOperand()) throw this.#unexpected();
    this.#at++;
    if (token.type === "field") return { type: "fields", path: pathOf(token.text) };
    return this.#withFields(this.#simple(token));
  }

  #simple(token: Token): Expression {
    switch (token.type) {
      case "string":
        return { type: "value", value: token.text };
      case "number":
        return { type: "value", value: Number(token.text) };
      case "variable":
        return { type: "variable", name: token.text };
      case "word":
        if (token.text === "true" || token.text === "false") return { type: "value", value: token.text === "true" };
        return token.text === "nil" ? { type: "value", value: null } : { type: "call", name: token.text, args: [] };
      default: {
        const value = this.#pipeline();
        if (!this.#takes(")")) throw badTemplate(this.#template, "a ( is not closed");
        return value;
      }
    }
  }

  /** `$x.Name`, `(index .A 0).Name`: only when nothing stands between; else the field is an argument. */
  #withFields(value: Expression): Expression {
    const next = this.#tokens[this.#at];
    if (next?.type !== "field" || !next.isJoined || next.text === ".") return value;
    this.#at++;
    return { type: "fields", of: value, path: pathOf(next.text) };
  }

  #takes(symbol: string): boolean {
    const token = this.#tokens[this.#at];
    const isIt = token?.type === "symbol" && token.text === symbol;
    if (isIt) this.#at++;
    return isIt;
  }

  #unexpected() {
    return badTemplate(this.#template, `"${this.#tokens[this.#at]!.text}" is out of place`);
  }
}

function pathOf(text: string): string[] {
  return text.split(".").filter((name) => name !== "");
}
