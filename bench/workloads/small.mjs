// A small image, as in a first try: two files, one step.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const small = {
  name: "a small image",
  prepare(context) {
    writeFileSync(join(context, "greet.sh"), 'echo "hello"\n');
    writeFileSync(join(context, "names.txt"), "world\n");
    const lines = [
      "FROM busybox",
      "WORKDIR /app",
      "COPY greet.sh ./",
      "RUN sh greet.sh >greeting",
      "COPY names.txt ./",
      "USER 1000",
    ];
    writeFileSync(join(context, "Dockerfile"), `${lines.join("\n")}\n`);
  },
  cases: [
    { name: "cold", buildkit: 0.35, target: 0.2, floor: ["node", 1], repeat: 7 },
    { name: "unchanged", buildkit: 0.08, target: 0.08, floor: ["node", 1], repeat: 7 },
    {
      name: "one file changed",
      buildkit: 0.34,
      target: 0.15,
      floor: ["node", 1],
      repeat: 7,
      change: (context, round) => writeFileSync(join(context, "greet.sh"), `echo "hello ${round}"\n`),
    },
  ],
};
