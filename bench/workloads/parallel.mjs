// Eight stages whose RUNs need nothing of each other.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const PARTS = ["a", "b", "c", "d", "e", "f", "g", "h"];

export const parallel = {
  name: "8 RUNs in parallel",
  prepare(context) {
    const stages = PARTS.map((part) => `FROM busybox AS ${part}\nRUN sleep 1 && echo ${part} >/${part}\n`);
    const copies = PARTS.map((part) => `COPY --from=${part} /${part} /\n`);
    writeFileSync(join(context, "Dockerfile"), `${stages.join("")}FROM scratch\n${copies.join("")}`);
  },
  cases: [{ name: "cold", target: 1.3, floor: ["second", 1] }],
};
