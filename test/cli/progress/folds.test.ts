import { expect, test } from "vitest";
import { GITHUB_FOLDS, gitlabFolds } from "../../../cli/progress/folds.js";
import { type Folds, PlainPrinter } from "../../../cli/progress/plain.js";
import { BuildView } from "../../../cli/progress/view.js";
import type { BuildEvent } from "../../../index.js";
import { at, done, output, START, started, SUCCESS, vertex } from "./events.js";

function print(events: readonly BuildEvent[], folds: Folds): string {
  let text = "";
  const printer = new PlainPrinter(new BuildView(), (more) => (text += more), { folds });
  for (const event of events) printer.on(event);
  printer.end();
  return text;
}

test("on GitHub each step is one group, and what it ended with stands behind it", () => {
  expect(print(SUCCESS, GITHUB_FOLDS)).toMatchInlineSnapshot(`
    "::group::#1 [internal] load build definition from Dockerfile
    #1 transferring dockerfile: 227B done
    ::endgroup::
    #1 DONE 0.0s
    ::group::#2 [builder 1/4] FROM docker.io/library/node:20@sha256:aaa
    #2 sha256:aaa 10.49MB / 29.12MB 0.1s
    #2 sha256:aaa 29.12MB / 29.12MB 3.0s done
    ::endgroup::
    #2 DONE 3.1s
    #3 [builder 3/4] COPY package*.json ./
    #3 CACHED
    ::group::#4 [builder 4/4] RUN npm ci
    #4 1.400 added 341 packages
    #4 1.400 warn
    #4 6.900 done
    #4 7.000 no line end
    #4 why: package-lock.json changed (COPY line 3)
    ::endgroup::
    #4 DONE 7.0s
    #5 [stage-1 2/3] WORKDIR /app
    #5 DONE 0.1s
    ::group::#6 exporting to image
    #6 exporting layers done
    ::endgroup::
    #6 DONE 0.4s
    "
  `);
});

test("on GitLab each step is one section that is closed at first", () => {
  const events = [
    at(0, vertex("a", "[2/2] RUN make")),
    at(0, started("a")),
    at(1, output("a", "x\n")),
    at(2, done("a")),
  ];
  const seconds = START / 1000;
  expect(print(events, gitlabFolds())).toBe(
    [
      `\x1b[0Ksection_start:${seconds}:tsb_1[collapsed=true]\r\x1b[0K#1 [2/2] RUN make\n`,
      "#1 1.000 x\n",
      `\x1b[0Ksection_end:${seconds + 2}:tsb_1\r\x1b[0K\n`,
      "#1 DONE 2.0s\n",
    ].join(""),
  );
});

test("a step keeps its fold for half a minute; one that has nothing more to fold only ends", () => {
  const events = [
    at(0, vertex("a", "A")),
    at(0, vertex("b", "B")),
    at(0, started("a")),
    at(1, started("b")),
    at(2, output("b", "b1\n")),
    at(20, output("a", "a1\n")),
    at(40, output("a", "a2\n")),
    at(41, done("b")),
    at(42, done("a")),
  ];
  const text = print(events, gitlabFolds()).replaceAll(/\x1b\[0K|\r|section_|\[collapsed=true\]|\d{10}:/g, "");
  expect(text.split("\n")).toEqual([
    "start:tsb_1#1 A",
    "#1 20.00 a1",
    "#1 40.00 a2",
    "#1 ...",
    "end:tsb_1",
    "start:tsb_2#2 B",
    "#2 1.000 b1",
    "end:tsb_2",
    "#2 DONE 40.0s",
    "#1 A",
    "#1 DONE 42.0s",
    "",
  ]);
});
