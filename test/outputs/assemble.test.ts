import { describe, expect, test } from "vitest";
import type { Results } from "../../executor/index.js";
import { sha256 } from "../../oci/index.js";
import { assemble } from "../../outputs/index.js";
import type { BuildGraph, PlannedHistory } from "../../planner/index.js";

const base = {
  architecture: "amd64",
  os: "linux",
  created: "2020-01-01T00:00:00Z",
  config: { Env: ["PATH=/bin"] },
  rootfs: { type: "layers" as const, diff_ids: [sha256("base")] },
  history: [{ created: "2020-01-01T00:00:00Z", created_by: "base" }],
};

const layer = (name: string) => ({
  diffID: sha256(name),
  content: sha256(name),
  blob: { mediaType: "x", digest: sha256(name), size: 1 },
});

function image(
  history: readonly PlannedHistory[],
  made: readonly { readonly layer: string; readonly created: string }[],
) {
  const layers = [layer("base")];
  const results: Results = [
    { kind: "snapshot", snapshot: { layers: [...layers] } },
    ...made.map(({ layer: name, created }) => {
      layers.push(layer(name));
      return { kind: "snapshot" as const, snapshot: { layers: [...layers] }, created };
    }),
  ];
  const graph: BuildGraph = { vertices: [], target: made.length, image: { config: base, history }, warnings: [] };
  return assemble(graph, results);
}

const run = (vertex: number) => ({ created_by: `RUN ${vertex}`, vertex });

describe("assemble()", () => {
  test("S-154 as many history entries without empty_layer as layers", () => {
    const { config } = image(
      [{ created_by: "ENV a=b" }, run(1), { created_by: "CMD x" }, run(2)],
      [
        { layer: "one", created: "2026-01-01T00:00:00Z" },
        { layer: "two", created: "2026-01-02T00:00:00Z" },
      ],
    );
    expect(config.rootfs.diff_ids).toEqual(["base", "one", "two"].map((name) => sha256(name)));
    expect(config.history.filter((entry) => !entry.empty_layer)).toHaveLength(3);
    expect(config.history.map(({ created_by, created }) => `${created_by} ${created?.slice(0, 10)}`)).toEqual([
      "base 2020-01-01",
      "ENV a=b 2026-01-01",
      "RUN 1 2026-01-01",
      "CMD x 2026-01-01",
      "RUN 2 2026-01-02",
    ]);
    expect(config.created).toBe("2026-01-02T00:00:00Z");
  });

  test("an image with nothing but metadata has the time of its base, so that it is the same each time", () => {
    const { config } = image([{ created_by: "LABEL a=b" }], []);
    expect(config.created).toBe("2020-01-01T00:00:00Z");
    expect(config.history.at(-1)).toEqual({
      created: "2020-01-01T00:00:00Z",
      created_by: "LABEL a=b",
      empty_layer: true,
    });
  });

  test("S-178 the image id is the digest of the config's bytes", () => {
    const { configBytes, configDescriptor } = image([], []);
    expect(configDescriptor.digest).toBe(sha256(configBytes));
    expect(configDescriptor.size).toBe(configBytes.length);
  });
});
