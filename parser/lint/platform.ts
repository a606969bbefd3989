// Rules about FROM --platform.

import { parseWord } from "../word.js";
import { problem, type Rule } from "./rule.js";
import { tolerant } from "./tolerant.js";

export const redundantTargetPlatform: Rule = {
  name: "RedundantTargetPlatform",
  description: "FROM is for $TARGETPLATFORM without saying so.",
  *find({ stages, escape }) {
    for (const { from } of stages) {
      if (from.platform === undefined) continue;
      const [part, ...others] = tolerant(() => parseWord(from.platform!, { escape })) ?? [];
      if (
        part === undefined ||
        others.length > 0 ||
        !("name" in part) ||
        part.name !== "TARGETPLATFORM" ||
        part.operator
      )
        continue;
      yield problem(from, `--platform=${from.platform.text} is what FROM does anyway`, from.platform.span);
    }
  },
};

export const fromPlatformFlagConstDisallowed: Rule = {
  name: "FromPlatformFlagConstDisallowed",
  description: "FROM --platform has a variable, or the name of its stage says the platform.",
  *find({ stages }) {
    for (const { from, name = "" } of stages) {
      if (from.platform === undefined || from.platform.text.includes("$")) continue;
      const [os = "", architecture = os] = from.platform.text.split("/");
      if (os === "" || name.includes(os) || name.includes(architecture)) continue;
      yield problem(from, `--platform is always ${from.platform.text}, whatever platform is built`, from.platform.span);
    }
  },
};
