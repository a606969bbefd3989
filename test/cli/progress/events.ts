// Event streams to show, as a build would report them.

import type { BuildEvent, BuildFact } from "../../../index.js";

export const START = Date.UTC(2026, 0, 1);

/** Facts with the seconds since the start at which they happened. */
export function at(seconds: number, fact: BuildFact): BuildEvent {
  return { time: START + seconds * 1000, ...fact };
}

export const vertex = (id: string, name: string, inputs: string[] = []): BuildFact => ({
  type: "vertex",
  vertex: id,
  name,
  inputs,
});
export const started = (id: string): BuildFact => ({ type: "started", vertex: id });
export const done = (id: string, cached = false): BuildFact => ({ type: "done", vertex: id, cached });
export const output = (id: string, text: string, stream: 1 | 2 = 1): BuildFact => ({
  type: "output",
  vertex: id,
  stream,
  data: Buffer.from(text),
});
export const status = (id: string, name: string, current: number, total?: number): BuildFact => ({
  type: "status",
  vertex: id,
  id: name,
  current,
  ...(total !== undefined && { total }),
  done: current === total,
});

const DOCKERFILE = 'FROM node:20 AS builder\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm test\nCMD ["node", "."]';

export const file = { path: "Dockerfile", lines: DOCKERFILE.split("\n") };

/** A build of two stages at once: one step is cached, one prints while another ends, layers are pulled, an image is written. */
export const SUCCESS: readonly BuildEvent[] = [
  at(0, vertex("dockerfile", "[internal] load build definition from Dockerfile")),
  at(0, started("dockerfile")),
  at(0.01, { type: "status", vertex: "dockerfile", id: "transferring dockerfile:", current: 227, done: true }),
  at(0.02, done("dockerfile")),
  at(0.02, vertex("from", "[builder 1/4] FROM docker.io/library/node:20@sha256:aaa")),
  at(0.02, vertex("copy", "[builder 3/4] COPY package*.json ./", ["from"])),
  at(0.02, vertex("ci", "[builder 4/4] RUN npm ci", ["copy"])),
  at(0.02, vertex("workdir", "[stage-1 2/3] WORKDIR /app")),
  at(0.03, started("from")),
  at(0.1, status("from", "sha256:aaa", 1_000_000, 29_120_000)),
  at(0.23, status("from", "sha256:aaa", 10_490_000, 29_120_000)),
  at(0.33, status("from", "sha256:aaa", 11_000_000, 29_120_000)),
  at(3.1, status("from", "sha256:aaa", 29_120_000, 29_120_000)),
  at(3.13, done("from")),
  at(3.13, done("copy", true)),
  at(3.2, started("ci")),
  at(4.502, output("ci", "added 341 pack")),
  at(4.6, output("ci", "ages\nwarn\n")),
  at(4.7, started("workdir")),
  at(4.8, done("workdir")),
  at(10.1, output("ci", "bar 10%\rbar 100%\rdone\nno line end")),
  at(10.2, { type: "done", vertex: "ci", cached: false, why: "package-lock.json changed (COPY line 3)" }),
  at(10.2, vertex("export", "exporting to image")),
  at(10.2, started("export")),
  at(10.5, { type: "status", vertex: "export", id: "exporting layers", done: true }),
  at(10.6, done("export")),
];

/** A step that fails while another runs. */
export const FAILURE: readonly BuildEvent[] = [
  at(0, {
    ...vertex("test", "[4/4] RUN npm test"),
    span: { file, line: 5, column: 1, length: 12 },
    lines: [5, 5],
  } as BuildFact),
  at(0, vertex("other", "[other 1/1] RUN sleep 100")),
  at(0, started("test")),
  at(0, started("other")),
  at(1.204, output("test", "1 failing\n", 2)),
  at(1.3, {
    type: "failed",
    vertex: "test",
    message: 'process "/bin/sh -c npm test" did not complete successfully: exit code: 3',
    exitCode: 3,
  }),
  at(1.31, { type: "canceled", vertex: "other" }),
];
