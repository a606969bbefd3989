// A Dockerfile of 300 steps that are all cached: what looking up takes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const steps = {
  name: "300 steps",
  prepare(context) {
    writeFileSync(join(context, "a"), "a\n");
    const lines = Array.from({ length: 100 }, (_, step) => [
      `RUN echo ${step} >/run-${step}`,
      `COPY a /copied-${step}`,
      `WORKDIR /made-${step}`,
    ]);
    writeFileSync(join(context, "Dockerfile"), `${["FROM busybox", ...lines.flat()].join("\n")}\n`);
  },
  cases: [{ name: "unchanged", target: 0.25, floor: ["node", 1], repeat: 5 }],
};
