// The variables of one stage, or of what stands before the first, as far as the file and the build arguments tell.

import {
  type Dockerfile,
  DockerfileError,
  expandWord,
  type Instruction,
  parseWord,
  type Word,
  type WordPart,
} from "../../parser/index.js";

export interface ReadWord {
  readonly text: string;
  /** The variables in it. */
  readonly names: readonly string[];
}

export interface VariableOptions {
  readonly escape: "\\" | "`";
  readonly buildArgs: Readonly<Record<string, string>>;
  /** What the variables begin with: those of the stage that this one is built on. */
  readonly inherited?: Variables;
  /** The ARGs before the first FROM: an ARG of a stage without a default takes their value. */
  readonly globals?: Variables;
}

export class Variables {
  readonly #options: VariableOptions;
  readonly #values: Map<string, string>;

  constructor(options: VariableOptions) {
    this.#options = options;
    this.#values = new Map(options.inherited ? options.inherited.#values : []);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** A word that cannot be read is taken as it is: a build says what is wrong with it. */
  read(word: Word): ReadWord {
    try {
      const options = { escape: this.#options.escape };
      const { text } = expandWord(word, (name) => this.get(name), options);
      return { text, names: namesIn(parseWord(word, options)) };
    } catch (error) {
      if (error instanceof DockerfileError) return { text: word.text, names: [] };
      throw error;
    }
  }

  /** Takes over what an ENV or an ARG sets. */
  declare(instruction: Instruction): void {
    if (instruction.kind === "ENV") {
      const pairs = instruction.pairs.map(({ key, value }) => [this.read(key).text, this.read(value).text] as const);
      for (const [name, value] of pairs) this.#values.set(name, value);
    }
    if (instruction.kind !== "ARG") return;
    const { buildArgs, globals } = this.#options;
    for (const { name, value } of instruction.args) {
      const chosen = buildArgs[name.text] ?? (value && this.read(value).text) ?? globals?.get(name.text);
      if (chosen !== undefined) this.#values.set(name.text, chosen);
    }
  }
}

function namesIn(parts: readonly WordPart[]): string[] {
  const names: string[] = [];
  const open = [...parts];
  for (let part = open.pop(); part; part = open.pop()) {
    if (!("name" in part)) continue;
    names.push(part.name);
    for (const inner of [...part.word, ...(part.replacement ?? [])]) open.push(inner);
  }
  return names;
}

export function escapeOf({ directives }: Dockerfile): "\\" | "`" {
  return directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\";
}
