// Forty RUN steps that do next to nothing: what a step costs.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const steps = (changed) =>
  Array.from({ length: 40 }, (_, i) => `RUN echo ${i === 20 ? `step ${i} ${changed}` : `step ${i}`} >/step${i}\n`).join(
    "",
  );

export const runs = {
  name: "40 tiny RUNs",
  prepare: (context) => writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${steps("")}`),
  cases: [
    { name: "cold", buildkit: 4.1, target: 1.6, floor: ["sandbox", 40] },
    { name: "unchanged", buildkit: 0.09, target: 0.09, floor: ["node", 1] },
    {
      name: "step 21 changed",
      buildkit: 1.8,
      target: 0.8,
      floor: ["sandbox", 20],
      change: (context, round) =>
        writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${steps(`round ${round}`)}`),
    },
  ],
};
