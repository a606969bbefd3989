// Rules about which names stages have.

import { problem, type Rule } from "./rule.js";

const RESERVED = ["scratch", "context"];

export const duplicateStageName: Rule = {
  name: "DuplicateStageName",
  description: "No two stages have the same name.",
  *find({ stages }) {
    const seen = new Set<string>();
    for (const { from, name } of stages) {
      if (name === undefined) continue;
      if (seen.has(name)) yield problem(from, `an earlier stage is named "${name}" too`, from.as!.span);
      seen.add(name);
    }
  },
};

export const reservedStageName: Rule = {
  name: "ReservedStageName",
  description: "No stage is named scratch or context.",
  *find({ stages }) {
    for (const { from, name } of stages) {
      if (name !== undefined && RESERVED.includes(name))
        yield problem(from, `"${name}" has a meaning of its own and cannot name a stage`, from.as!.span);
    }
  },
};
