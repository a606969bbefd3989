// Go templates over plain values, as `--format` of docker has them.
// https://docs.docker.com/engine/cli/formatting/

import { badTemplate } from "./error.js";
import { FUNCTIONS } from "./functions.js";
import { type Expression, type Node, parseTemplate } from "./parser.js";
import { goText, isList, isMap, isTrue, sorted, Unset, type Value } from "./value.js";

export type Template = (data: Value) => string;

/** @throws usage, here or when the template names what is not there */
export function compileTemplate(template: string): Template {
  const { nodes, named } = parseTemplate(template);
  return (data) => new Renderer(template, data, { named, depth: 0 }).render(nodes, data);
}

/** The templates that can be named, and how many are being rendered one in another. */
interface Names {
  readonly named: ReadonlyMap<string, readonly Node[]>;
  readonly depth: number;
}

const DEEPEST = 100;

class Renderer {
  readonly #template: string;
  readonly #variables: Map<string, Value>;
  readonly #names: Names;

  constructor(template: string, data: Value, names: Names) {
    this.#template = template;
    this.#names = names;
    this.#variables = new Map([["$", data]]);
  }

  render(nodes: readonly Node[], dot: Value): string {
    return nodes.map((node) => this.#node(node, dot)).join("");
  }

  #node(node: Node, dot: Value): string {
    switch (node.type) {
      case "text":
        return node.text;
      case "output":
        return goText(this.#value(node.value, dot));
      case "template":
        return this.#named(node.name, node.value && this.#value(node.value, dot));
      case "set":
        this.#variables.set(node.name, this.#value(node.value, dot));
        return "";
      default:
        return this.#block(node, this.#value(node.value, dot), dot);
    }
  }

  /** A template of its own: it has no variable but `$`. */
  #named(name: string, data: Value): string {
    const { named, depth } = this.#names;
    const nodes = named.get(name);
    if (!nodes) throw badTemplate(this.#template, `no template is named "${name}"`, `Add {{define "${name}"}}.`);
    if (depth >= DEEPEST) throw badTemplate(this.#template, `the template "${name}" never ends: it names itself`);
    return new Renderer(this.#template, data, { named, depth: depth + 1 }).render(nodes, data);
  }

  #block(node: Extract<Node, { body: unknown }>, value: Value, dot: Value): string {
    if (node.type === "range") return this.#range(node, value, dot);
    if (node.variables[0] !== undefined) this.#variables.set(node.variables[0], value);
    if (!isTrue(value)) return this.render(node.otherwise, dot);
    return this.render(node.body, node.type === "with" ? value : dot);
  }

  #range({ variables, body, otherwise }: Extract<Node, { body: unknown }>, value: Value, dot: Value): string {
    const entries = this.#entries(value);
    if (entries.length === 0) return this.render(otherwise, dot);
    const [first, second] = variables;
    return entries
      .map(([key, item]) => {
        if (second !== undefined) this.#variables.set(second, item);
        if (first !== undefined) this.#variables.set(first, second === undefined ? item : key);
        return this.render(body, item);
      })
      .join("");
  }

  #entries(value: Value): (readonly [Value, Value])[] {
    if (isMap(value)) return sorted(value);
    if (isList(value)) return [...value.entries()];
    if (value === undefined || value === null || value instanceof Unset) return [];
    throw badTemplate(this.#template, `range expects a list or a map, found ${goText(value)}`);
  }

  #value(expression: Expression, dot: Value): Value {
    switch (expression.type) {
      case "value":
        return expression.value;
      case "variable":
        return this.#variable(expression.name);
      case "fields":
        return expression.path.reduce((of, name) => this.#field(of, name), this.#base(expression.of, dot));
      case "call":
        return this.#call(expression.name, expression.args, dot);
    }
  }

  #base(of: Expression | undefined, dot: Value): Value {
    return of === undefined ? dot : this.#value(of, dot);
  }

  #variable(name: string): Value {
    if (this.#variables.has(name)) return this.#variables.get(name);
    throw badTemplate(this.#template, `the variable ${name} is not set`);
  }

  #field(of: Value, name: string): Value {
    if (of === undefined || of === null || of instanceof Unset) return undefined;
    if (isMap(of)) return of.get(name);
    if (typeof of !== "object" || isList(of))
      throw badTemplate(this.#template, `"${goText(of)}" has no field .${name}`);
    if (Object.hasOwn(of, name)) return of[name];
    throw badTemplate(
      this.#template,
      `there is no field .${name}`,
      `Use ${listed(Object.keys(of).map((key) => `.${key}`))}.`,
    );
  }

  #call(name: string, args: readonly Expression[], dot: Value): Value {
    const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!found)
      throw badTemplate(this.#template, `there is no function ${name}`, `Use ${listed(Object.keys(FUNCTIONS))}.`);
    const values = args.map((arg) => this.#value(arg, dot));
    try {
      return found(values);
    } catch (error) {
      throw badTemplate(this.#template, `${name}: ${(error as Error).message}`);
    }
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
