// Six stages that take a second each: five side by side, and one that needs them all.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const PARTS = ["a", "b", "c", "d", "e"];
const stage = (part) => `FROM busybox AS ${part}\nRUN sleep 1 && echo ${part} >/${part}\n`;

export const diamond = {
  name: "six 1 s stages in a diamond",
  prepare(context) {
    const copies = PARTS.map((part) => `COPY --from=${part} /${part} /\n`).join("");
    writeFileSync(join(context, "Dockerfile"), `${PARTS.map(stage).join("")}FROM busybox\n${copies}RUN sleep 1\n`);
  },
  cases: [{ name: "cold", buildkit: 2.2, target: 2.2, floor: ["second", 2], repeat: 2 }],
};
