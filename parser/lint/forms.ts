// Rules about how an instruction is written.

import { problem, type Rule, type Stage } from "./rule.js";
import { lineage } from "./stages.js";

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
    for (const stage of stages) {
      let hasShell = lineage(stage).slice(0, -1).some(setsShell);
      for (const instruction of stage.instructions) {
        hasShell ||= instruction.kind === "SHELL";
        if (
          hasShell ||
          (instruction.kind !== "CMD" && instruction.kind !== "ENTRYPOINT") ||
          instruction.command.form === "exec"
        )
          continue;
        yield problem(
          instruction,
          `write ${instruction.kind} as a JSON array, else a shell stands between signals and the program`,
        );
      }
    }
  },
};

/** Whoever chooses a shell wants one. */
function setsShell({ instructions }: Stage): boolean {
  return instructions.some(({ kind }) => kind === "SHELL");
}

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
