import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../../index.js";
import { type FrameOptions, renderFrame } from "../../../cli/progress/frame.js";
import { colourless } from "../../../cli/progress/theme.js";
import { BuildView } from "../../../cli/progress/view.js";
import { widthOf } from "../../../cli/progress/width.js";
import { at, done, FAILURE, output, START, started, SUCCESS, vertex } from "./events.js";

function frame(events: readonly BuildEvent[], options: Partial<FrameOptions> = {}): string[] {
  const view = new BuildView(100);
  for (const event of events) view.apply(event);
  const now = events.at(-1)!.time;
  return renderFrame(view, { columns: 80, rows: 24, now, theme: colourless, logLines: 6, ...options });
}

test("a build on its way", () => {
  const events = SUCCESS.filter(({ time }) => time < START + 4_900);
  expect(`\n${frame(events, { now: START + 5_000 }).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    [+] Building 5.0s (4/5)
     => [internal] load build definition from Dockerfile                       0.0s
     => [builder 1/4] FROM docker.io/library/node:20@sha256:aaa                3.1s
     => CACHED [builder 3/4] COPY package*.json ./                             0.0s
     => [builder 4/4] RUN npm ci                                               1.8s
     => => # added 341 packages
     => => # warn
     => [stage-1 2/3] WORKDIR /app                                             0.1s
    "
  `);
});

test("a layer on its way", () => {
  const events = SUCCESS.filter(({ time }) => time < START + 1_000);
  expect(`\n${frame(events, { now: START + 1_000 }).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    [+] Building 1.0s (1/5)
     => [internal] load build definition from Dockerfile                       0.0s
     => [builder 1/4] FROM docker.io/library/node:20@sha256:aaa                1.0s
     => => sha256:aaa 11.00MB / 29.12MB                                        0.9s
    "
  `);
});

test("a finished build", () => {
  expect(`\n${frame(SUCCESS, { rows: Infinity }).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    [+] Building 10.6s (6/6) FINISHED
     => [internal] load build definition from Dockerfile                       0.0s
     => [builder 1/4] FROM docker.io/library/node:20@sha256:aaa                3.1s
     => CACHED [builder 3/4] COPY package*.json ./                             0.0s
     => [builder 4/4] RUN npm ci                                               7.0s
     => [stage-1 2/3] WORKDIR /app                                             0.1s
     => exporting to image                                                     0.4s
    "
  `);
});

test("who builds stands at the right, where there is room", () => {
  const [wide] = frame(SUCCESS, { builder: "tsbuild:default" });
  expect(wide).toBe(`[+] Building 10.6s (6/6) FINISHED${" ".repeat(31)}tsbuild:default`);
  expect(frame(SUCCESS, { builder: "tsbuild:default", columns: 45 })[0]).toBe("[+] Building 10.6s (6/6) FINISHED");
});

test("a failed build", () => {
  expect(`\n${frame(FAILURE).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    [+] Building 1.3s (2/2) FINISHED
     => ERROR [4/4] RUN npm test                                               1.3s
     => CANCELED [other 1/1] RUN sleep 100                                     1.3s
    "
  `);
});

describe("a small terminal", () => {
  const many = Array.from({ length: 30 }, (_, index) => [
    at(0, vertex(`${index}`, `[${index + 1}/30] RUN step`)),
    at(index, started(`${index}`)),
    ...(index < 28 ? [at(index + 1, done(`${index}`))] : [at(index, output(`${index}`, "1\n2\n3\n4\n5\n6\n7\n8\n"))]),
  ]).flat();

  test.each([3, 5, 10, 24, 40])("of %i rows is never overrun, and shows what runs", (rows) => {
    const lines = frame(many, { rows });
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines.filter((line) => line.includes("[29/30]") || line.includes("[30/30]"))).toHaveLength(2);
  });

  test.each([10, 20, 40, 80, 200])("of %i columns is never overrun", (columns) => {
    const lines = frame(
      [...SUCCESS.slice(0, 19), at(4.7, output("ci", `${"汉字🙂".repeat(50)}\n\x1b[31mred\x1b[0m\tend\n`))],
      { columns },
    );
    for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
  });

  test("escape sequences of a step never reach the terminal", () => {
    const lines = frame([
      ...SUCCESS.slice(0, 19),
      at(4.7, output("ci", "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\n")),
    ]);
    expect(lines).toContain(" => => # red");
  });

  test("without log lines only steps are shown", () => {
    expect(frame(SUCCESS.slice(0, 20), { logLines: 0 }).join()).not.toContain("#");
  });
});
