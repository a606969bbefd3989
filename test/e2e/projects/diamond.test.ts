// Twelve stages: one source, ten that need it, one that joins them.

import { testProject } from "../../suites/project.js";

const PARTS = Array.from({ length: 10 }, (_, i) => String(i + 1).padStart(2, "0"));

testProject({
  name: "diamond",
  bases: ["busybox"],
  output: "10 20 30 40 50 60 70 80 90 100 ",
  changes: [
    {
      says: "the order of numbers that are sorted next",
      file: "numbers.txt",
      from: "70\n10\n",
      to: "10\n70\n",
      reruns: ["[source 2/3] COPY numbers.txt /numbers.txt", "[source 3/3] RUN sort -n /numbers.txt >/sorted.txt"],
    },
    {
      says: "one number, which one part of ten takes",
      file: "numbers.txt",
      from: "10\n70\n",
      to: "11\n70\n",
      reruns: [
        "[source 2/3] COPY numbers.txt /numbers.txt",
        "[source 3/3] RUN sort -n /numbers.txt >/sorted.txt",
        ...PARTS.map((part) => `[part${part} 2/3] COPY --from=source /sorted.txt /${part}/sorted.txt`),
        ...PARTS.map((part) => `[part${part} 3/3] RUN sed -n '${Number(part)}p' /${part}/sorted.txt >/part`),
        "[stage-11 3/12] COPY --from=part01 /part 01",
      ],
      output: "11 20 30 40 50 60 70 80 90 100 ",
    },
  ],
});
