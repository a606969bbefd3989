// A Dockerfile of 10,000 lines, checked without building: reading, planning and linting alone.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const LINES = 10_000;

const BLOCK = (n) => [
  `# step ${n}`,
  "RUN --mount=type=cache,target=/root/.cache apt-get update \\",
  " && apt-get install -y curl",
  `ENV A${n % 40}=1 B="two words" C=$A`,
  "COPY --chown=1:1 a b /dst/",
  `LABEL x${n}=y`,
  "RUN cat <<EOF > /x",
  "hello",
  "EOF",
  "WORKDIR /x",
  `EXPOSE ${n}`,
  `ARG FOO${n % 40}=bar`,
];

export const language = {
  name: "language",
  prepare(context) {
    const blocks = Array.from({ length: LINES / BLOCK(0).length }, (_, n) => BLOCK(n));
    writeFileSync(join(context, "Dockerfile"), ["FROM scratch", "ARG A=1", ...blocks.flat(), ""].join("\n"));
    for (const name of ["a", "b"]) writeFileSync(join(context, name), name);
  },
  cases: [{ name: "check 10,000 lines", flags: ["--check"], repeat: 5, floor: ["node", 1], target: 1.0 }],
};
