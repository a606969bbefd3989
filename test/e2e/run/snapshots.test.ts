// What a RUN changed is its layer, exactly: thousands of random operations in a sandbox, and what they led to as the sandbox
// saw it, as the next step sees it, as umoci unpacks it, and as another machine does that pulls the image (S-160 to S-169).

import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { BuildEvent, RunSettings } from "../../../index.js";
import {
  DEEP_SCRIPTS,
  fileProbe,
  linesOf,
  normalized,
  randomScript,
  scanWithProbe,
  withoutLinks,
} from "../../helpers/file-probe/file-probe.js";
import { umociUnpack } from "../../helpers/other-tools.js";
import { RunBench } from "../../helpers/run-bench.js";

type SnapshotterName = NonNullable<RunSettings["snapshotter"]>;

const STEPS = 3;
const bench = new RunBench();
copyFileSync(fileProbe(), join(bench.context, "file-probe"));
afterAll(() => bench.close());

/** What each RUN printed, by its place among them. */
function outputs(events: readonly BuildEvent[]): string[][] {
  const chunks = new Map<string, Uint8Array[]>();
  const runs = events.flatMap((event) => (event.type === "vertex" && /\] RUN /.test(event.name) ? [event.vertex] : []));
  for (const event of events)
    if (event.type === "output") chunks.set(event.vertex, [...(chunks.get(event.vertex) ?? []), event.data]);
  return runs.map((vertex) => linesOf(Buffer.concat(chunks.get(vertex) ?? []).toString("latin1")));
}

async function check(name: string, scripts: readonly string[], snapshotter: SnapshotterName): Promise<void> {
  scripts.forEach((script, index) => writeFileSync(join(bench.context, `script-${index}`), script));
  const steps = scripts.flatMap((_, index) => [
    `RUN --mount=type=bind,target=/src /src/file-probe apply /src/script-${index} /t && /src/file-probe scan /t`,
    "RUN --mount=type=bind,target=/src /src/file-probe scan /t",
  ]);
  const dest = join(bench.directory, `layout-${name}`);
  const { error, events, result } = await bench.build(["WORKDIR /t", ...steps].join("\n"), {
    noCache: true,
    home: join(bench.directory, snapshotter), // an equal layer of another one would have other times
    run: { snapshotter },
    outputs: [{ type: "oci", dest, tar: false }],
  });
  expect(error).toBeUndefined();
  const seen = outputs(events);
  scripts.forEach((_, index) => expect(withoutLinks(seen[2 * index + 1]!)).toEqual(withoutLinks(seen[2 * index]!)));
  const last = normalized(seen.at(-1)!);
  expect(last.length).toBeGreaterThan(20);

  expect(
    normalized(scanWithProbe(join(umociUnpack(dest, "latest", join(bench.directory, `bundle-${name}`)), "t"))),
  ).toEqual(last);

  const pulled = await bench.build("RUN --mount=type=bind,target=/src /src/file-probe scan /t", {
    home: join(bench.directory, `home-${name}`),
    run: { snapshotter },
    dockerfile: { content: "FROM image\nRUN --mount=type=bind,target=/src /src/file-probe scan /t" },
    buildContexts: { image: `oci-layout://${dest}` },
  });
  expect(normalized(outputs(pulled.events)[0]!)).toEqual(last);
  const empty = result!.config.rootfs.diff_ids.filter(
    (_, index, all) => index >= all.length - 2 * scripts.length && (all.length - index) % 2 === 1,
  );
  expect(new Set(empty).size).toBe(1); // what only looks makes an empty layer, the same each time
}

describe("snapshots", () => {
  test.each([
    ["overlay", 1],
    ["overlay", 2],
    ["fuse-overlayfs", 4],
    ["copy", 5],
  ] as const)("by %s of random operations, seed %i", async (snapshotter, seed) => {
    const scripts = Array.from({ length: STEPS }, (_, step) => randomScript(seed * 100 + step, 900));
    await check(`seed-${seed}`, scripts, snapshotter);
  });

  test.each(["overlay", "copy"] as const)("by %s of deep trees", async (snapshotter) => {
    await check(`deep-${snapshotter}`, DEEP_SCRIPTS, snapshotter);
  });
});
