// What each of fixtures/projects prints when it is run, and what a change of one of its files must run again.

import type { BaseImage } from "../helpers/images.js";

export interface Change {
  readonly says: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The steps that read the file, or what was made of it. Everything else must come from the cache. */
  readonly reruns: readonly string[];
  /** What the image prints afterwards, when it is not the same as before. */
  readonly output?: string;
}

export interface Project {
  readonly name: string;
  readonly bases: readonly BaseImage[];
  readonly output: string;
  readonly changes: readonly Change[];
}

const PARTS = Array.from({ length: 10 }, (_, i) => String(i + 1).padStart(2, "0"));

export const PROJECTS: readonly Project[] = [
  {
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
  },
  {
    name: "node-app",
    bases: ["node"],
    output: "3 items as user 1000\n",
    changes: [
      {
        says: "a source file",
        file: "src/main.ts",
        from: " items as user",
        to: " things as user",
        reruns: [
          "[build 3/4] COPY src ./src",
          "[build 4/4] RUN npm run build",
          "[stage-2 6/6] COPY --from=build /app/dist ./dist",
        ],
        output: "3 things as user 1000\n",
      },
    ],
  },
  {
    name: "python-venv",
    bases: ["python"],
    output: "be 2\nnot 1\nor 1\nto 2\n",
    changes: [
      {
        says: "the module",
        file: "src/tally/__init__.py",
        from: "{word} {count}",
        to: "{word}: {count}",
        reruns: [
          "[build 5/6] COPY src ./src",
          "[build 6/6] RUN /opt/venv/bin/pip install --no-index --no-deps --no-build-isolation .",
          "[stage-1 2/2] COPY --from=build /opt/venv /opt/venv",
        ],
        output: "be: 2\nnot: 1\nor: 1\nto: 2\n",
      },
    ],
  },
  {
    name: "debian-apt",
    bases: ["debian"],
    output: "ping cap_net_raw=ep\n-rwsr-xr-x root:root\nmessagebus\napp\nno motd\n",
    changes: [
      {
        says: "the script",
        file: "report.sh",
        from: "id -un",
        to: "id -u",
        reruns: ["[5/5] COPY --chown=app:app --chmod=750 report.sh ./"],
        output: "ping cap_net_raw=ep\n-rwsr-xr-x root:root\nmessagebus\n1000\nno motd\n",
      },
    ],
  },
  {
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
          ...PARTS.map((part) => `[part${part} 2/3] COPY --from=source /sorted.txt /sorted.txt`),
          ...PARTS.map((part) => `[part${part} 3/3] RUN sed -n '${Number(part)}p' /sorted.txt >/part`),
          "[stage-11 3/12] COPY --from=part01 /part 01",
        ],
        output: "11 20 30 40 50 60 70 80 90 100 ",
      },
    ],
  },
];
