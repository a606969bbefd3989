// The variables of one stage, or of what stands before the first, as far as the file and the build arguments tell.

import { type Dockerfile, DockerfileError, expandWord, type Instruction, type Word } from "../../parser/index.js";

export interface ReadWord {
  readonly text: string;
  /** The variables that were looked up. */
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
      const { text, used, missing } = expandWord(word, (name) => this.get(name), { escape: this.#options.escape });
      return { text, names: [...used, ...missing] };
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

export function escapeOf({ directives }: Dockerfile): "\\" | "`" {
  return directives.find(({ name }) => name === "escape")?.value === "`" ? "`" : "\\";
}
