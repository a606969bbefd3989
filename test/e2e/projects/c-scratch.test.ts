// A C program compiled in one stage and copied to scratch.

import { testProject } from "../../suites/project.js";

testProject({
  name: "c-scratch",
  bases: ["gcc"],
  output: "the sum is 42\n",
  changes: [
    { says: "a file that .dockerignore leaves out", file: "notes.txt", from: "not", to: "never", reruns: [] },
    {
      says: "a comment, so that the compiler makes the same program",
      file: "sum.c",
      from: "long sum",
      to: "/* adds up */\nlong sum",
      reruns: ["[build 3/4] COPY Makefile *.c *.h ./", "[build 4/4] RUN make LDFLAGS=-static && ./sum 1 2"],
    },
    {
      says: "code",
      file: "main.c",
      from: "the sum is",
      to: "the total is",
      reruns: [
        "[build 3/4] COPY Makefile *.c *.h ./",
        "[build 4/4] RUN make LDFLAGS=-static && ./sum 1 2",
        "[stage-1 1/1] COPY --from=build /src/sum /sum",
      ],
      output: "the total is 42\n",
    },
  ],
});
