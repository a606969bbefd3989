// Rules about EXPOSE.

import type { Instruction, Word } from "../ast.js";
import { problem, type LintInput, type Rule } from "./rule.js";

export const exposeProtoCasing: Rule = {
  name: "ExposeProtoCasing",
  description: "Protocols in EXPOSE are in lower case.",
  *find(input) {
    for (const [instruction, { text, span }] of ports(input)) {
      const protocol = /\/([A-Za-z]+)$/.exec(text)?.[1];
      if (protocol && protocol !== protocol.toLowerCase())
        yield problem(instruction, `the protocol of ${text} should be in lower case`, span);
    }
  },
};

export const exposeInvalidFormat: Rule = {
  name: "ExposeInvalidFormat",
  description: "EXPOSE has ports of the container only, no addresses and no ports of the host.",
  *find(input) {
    for (const [instruction, { text, span }] of ports(input)) {
      // A colon may also be part of a variable's operator.
      if (text.replace(/\$\{[^}]*\}/g, "").includes(":"))
        yield problem(instruction, `EXPOSE takes a port of the container only, found ${text}`, span);
    }
  },
};

function* ports({ dockerfile }: LintInput): Generator<[Instruction, Word]> {
  for (const instruction of dockerfile.instructions) {
    if (instruction.kind === "EXPOSE") for (const port of instruction.ports) yield [instruction, port];
  }
}
