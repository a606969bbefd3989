import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../../index.js";
import { PlainPrinter, type PlainOptions } from "../../../cli/progress/plain.js";
import { BuildView } from "../../../cli/progress/view.js";
import { at, done, FAILURE, output, START, started, status, SUCCESS, vertex } from "./events.js";

function print(events: readonly BuildEvent[], options: PlainOptions = {}): string {
  let text = "";
  const printer = new PlainPrinter(new BuildView(), (more) => (text += more), options);
  for (const event of events) printer.on(event);
  printer.end();
  return text;
}

test("a build looks as docker buildx prints it", () => {
  expect(print(SUCCESS)).toMatchInlineSnapshot(`
    "#1 [internal] load build definition from Dockerfile
    #1 transferring dockerfile: 227B done
    #1 DONE 0.0s

    #2 [builder 1/4] FROM docker.io/library/node:20@sha256:aaa
    #2 sha256:aaa 10.49MB / 29.12MB 0.1s
    #2 sha256:aaa 29.12MB / 29.12MB 3.0s done
    #2 DONE 3.1s

    #3 [builder 3/4] COPY package*.json ./
    #3 CACHED

    #4 [builder 4/4] RUN npm ci
    #4 1.400 added 341 packages
    #4 1.400 warn
    #4 ...

    #5 [stage-1 2/3] WORKDIR /app
    #5 DONE 0.1s

    #4 [builder 4/4] RUN npm ci
    #4 6.900 done
    #4 7.000 no line end
    #4 why: package-lock.json changed (COPY line 3)
    #4 DONE 7.0s

    #6 exporting to image
    #6 exporting layers done
    #6 DONE 0.4s
    "
  `);
});

test("the heading stands above all steps", () => {
  const text = print(FAILURE, { heading: 'building with "default" instance using tsbuild driver' });
  expect(text).toMatch(/^#0 building with "default" instance using tsbuild driver\n\n#1 \[4\/4\] RUN npm test\n/);
});

test("a failed step says ERROR, a canceled one CANCELED", () => {
  expect(print(FAILURE)).toMatchInlineSnapshot(`
    "#1 [4/4] RUN npm test
    #1 1.204 1 failing
    #1 ERROR: process "/bin/sh -c npm test" did not complete successfully: exit code: 3

    #2 [other 1/1] RUN sleep 100
    #2 CANCELED
    "
  `);
});

test("a fully cached build is headers and CACHED", () => {
  const events = [
    at(0, vertex("a", "[1/2] FROM x")),
    at(0, vertex("b", "[2/2] RUN y")),
    at(0, done("a", true)),
    at(0, done("b", true)),
  ];
  expect(print(events)).toBe("#1 [1/2] FROM x\n#1 CACHED\n\n#2 [2/2] RUN y\n#2 CACHED\n");
});

test("names are cut only where it is asked for", () => {
  const events = [at(0, vertex("a", "x".repeat(100))), at(0, done("a", true))];
  expect(print(events)).toContain("x".repeat(100));
  expect(print(events, { nameWidth: 72 })).toContain(`#1 ${"x".repeat(69)}...\n`);
});

describe("two steps at once", () => {
  const both = [at(0, vertex("a", "A")), at(0, vertex("b", "B")), at(0, started("a")), at(0, started("b"))];
  const log = (...events: BuildEvent[]) => print([...both, ...events]);

  test("keep their lines together while the first has its share", () => {
    const text = log(at(1, output("a", "a1\n")), at(2, output("b", "b1\n")), at(3, output("a", "a2\n")));
    expect(text).toBe("#1 A\n#1 1.000 a1\n#1 3.000 a2\n#1 ...\n\n#2 B\n#2 2.000 b1\n");
  });

  test("swap when the other has waited long enough", () => {
    const text = log(
      ...[1, 4, 8, 10.5].map((time) => at(time, output("a", `a${time}\n`))),
      at(11, output("a", "late\n")),
    );
    expect(text).toBe(
      "#1 A\n#1 1.000 a1\n#1 4.000 a4\n#1 8.000 a8\n#1 10.50 a10.5\n#1 ...\n\n#2 B\n#2 ...\n\n#1 A\n#1 11.00 late\n",
    );
  });

  test("swap early when the first is silent", () => {
    expect(log(at(1, output("b", "b1\n")), at(6, output("b", "b6\n")))).toBe(
      "#1 A\n#1 ...\n\n#2 B\n#2 1.000 b1\n#2 6.000 b6\n",
    );
  });

  test("show at once what has ended", () => {
    expect(log(at(1, output("b", "b1\n")), at(2, done("b")), at(3, done("a")))).toBe(
      "#1 A\n#1 ...\n\n#2 B\n#2 1.000 b1\n#2 DONE 2.0s\n\n#1 A\n#1 DONE 3.0s\n",
    );
  });

  test("swap by the clock alone", () => {
    let text = "";
    const printer = new PlainPrinter(new BuildView(), (more) => (text += more));
    for (const event of [...both, at(1, output("b", "b1\n"))]) printer.on(event);
    printer.tick(START + 4_000);
    expect(text).toBe("#1 A\n");
    printer.tick(START + 6_000);
    expect(text).toBe("#1 A\n#1 ...\n\n#2 B\n#2 1.000 b1\n");
  });
});

describe("transfers", () => {
  const of = (...events: BuildEvent[]) => print([at(0, vertex("a", "A")), at(0, started("a")), ...events]);

  test("with a known size say something at each tenth, and once that they are done", () => {
    const steps = Array.from({ length: 101 }, (_, percent) =>
      at(1 + percent / 100, status("a", "sha256:x", percent, 100)),
    );
    const text = of(...steps, at(3, status("a", "sha256:x", 100, 100)));
    expect(text.split("\n").filter((line) => line.includes("sha256:x"))).toHaveLength(10);
    expect(text).toContain("#1 sha256:x 100B / 100B 1.0s done\n");
  });

  test("without a size say something every five seconds", () => {
    const text = of(...[1, 2, 5, 6.5, 8, 12].map((time) => at(time, status("a", "resolving", time * 1000))));
    expect(text).toBe("#1 A\n#1 resolving 6.50kB 5.5s\n#1 resolving 12.00kB 11.0s\n");
  });
});
