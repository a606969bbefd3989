// Secrets do not belong in ARG and ENV, which everybody who has the image can read.

import type { Instruction, Word } from "../ast.js";
import { problem, type Rule } from "./rule.js";

/** A name that is one of these words, or begins or ends with it. */
const SECRET = /(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;

/** Names that say that they are none. */
const HARMLESS = /(?:^|_)(?:public|file|version)(?:_|$)/i;

export const secretsUsedInArgOrEnv: Rule = {
  name: "SecretsUsedInArgOrEnv",
  description: "Secrets are not in ARG and ENV but in RUN --mount=type=secret.",
  *find({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      for (const { text, span } of names(instruction)) {
        if (!SECRET.test(text) || HARMLESS.test(text)) continue;
        yield problem(
          instruction,
          `${instruction.kind} "${text}" is kept in the image, use RUN --mount=type=secret for secrets`,
          span,
        );
      }
    }
  },
};

function names(instruction: Instruction): readonly Word[] {
  if (instruction.kind === "ARG") return instruction.args.map(({ name }) => name);
  return instruction.kind === "ENV" ? instruction.pairs.map(({ key }) => key) : [];
}
