// Forty steps, all cached in a registry, on a machine whose store is empty: what a fresh CI runner pays.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const steps = Array.from({ length: 40 }, (_, i) => `RUN head -c 200000 /dev/urandom >/step${i}\n`).join("");

export const sharedCache = {
  name: "shared cache",
  prepare: (context) => writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${steps}`),
  cases: [{ name: "cold, 40 steps cached, pushed", target: 0.4, floor: ["node", 1], sharedCache: true }],
};
