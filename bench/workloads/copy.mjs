// A context of 50,000 small files, 223 MB, copied whole.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { manyFiles } from "../generate.mjs";

export const copy = {
  name: "COPY of 50,000 files",
  prepare(context) {
    manyFiles(join(context, "files"), 50_000, 4460);
    writeFileSync(join(context, "Dockerfile"), "FROM busybox\nCOPY files /files\n");
  },
  cases: [
    { name: "cold", buildkit: 32, target: 6, floor: ["tar", 1], repeat: 2 },
    { name: "unchanged", buildkit: 1.9, target: 0.7, floor: ["find", 1] },
    {
      name: "one file changed",
      buildkit: 10.5,
      target: 4,
      floor: ["tar", 1],
      change: (context, round) => writeFileSync(join(context, "files/d0/d7/file-700.js"), `round ${round}\n`),
    },
  ],
};
