// Rules about how an instruction is written.

import { problem, type Rule, type Stage } from "./rule.js";

export const noEmptyContinuation: Rule = {
  name: "NoEmptyContinuation",
  description: "No blank line stands inside an instruction.",
  *find({ dockerfile: { instructions } }) {
    for (const instruction of instructions) {
      const [empty] = instruction.emptyLines ?? [];
      if (empty)
        yield problem(
          instruction,
          `a blank line stands inside of ${instruction.kind}, which may become an error`,
          empty,
        );
    }
  },
};

export const maintainerDeprecated: Rule = {
  name: "MaintainerDeprecated",
  description: "A label names the author, not MAINTAINER.",
  *find({ dockerfile: { instructions } }) {
    for (const instruction of instructions) {
      if (instruction.kind === "MAINTAINER")
        yield problem(instruction, "MAINTAINER is deprecated, use LABEL org.opencontainers.image.authors");
    }
  },
};

export const legacyKeyValueFormat: Rule = {
  name: "LegacyKeyValueFormat",
  description: "ENV and LABEL have an equals sign between name and value.",
  *find({ dockerfile: { instructions } }) {
    for (const instruction of instructions) {
      if (instruction.kind !== "ENV" && instruction.kind !== "LABEL") continue;
      if (instruction.legacy)
        yield problem(instruction, `write ${instruction.kind} name=value instead of ${instruction.kind} name value`);
    }
  },
};

export const jsonArgsRecommended: Rule = {
  name: "JSONArgsRecommended",
  description: "CMD and ENTRYPOINT are JSON arrays, so that the program itself gets the signals.",
  *find({ stages }) {
    // Whoever chooses a shell wants one.
    const shells = new Set<Stage>();
    for (const stage of stages) {
      if (stage.parent && shells.has(stage.parent)) shells.add(stage);
      for (const instruction of stage.instructions) {
        if (instruction.kind === "SHELL") shells.add(stage);
        if (instruction.kind !== "CMD" && instruction.kind !== "ENTRYPOINT") continue;
        if (instruction.command.form === "exec" || shells.has(stage)) continue;
        yield problem(
          instruction,
          `write ${instruction.kind} as a JSON array, else a shell stands between signals and the program`,
        );
      }
    }
  },
};

const ONCE = ["CMD", "ENTRYPOINT", "HEALTHCHECK"];

export const multipleInstructionsDisallowed: Rule = {
  name: "MultipleInstructionsDisallowed",
  description: "CMD, ENTRYPOINT and HEALTHCHECK stand once in a stage: only the last of them counts.",
  *find({ stages }) {
    for (const { instructions } of stages) {
      for (const kind of ONCE) {
        const [, ...ignored] = instructions.filter((instruction) => instruction.kind === kind).reverse();
        for (const instruction of ignored.reverse())
          yield problem(instruction, `this ${kind} has no effect, a later one in the stage replaces it`);
      }
    }
  },
};
