// `tsbuild explain --against` a shared cache: what differs from what another machine made its steps of.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { type BuildRecord, explainBuild } from "../../history/index.js";
import { sha256 } from "../../oci/index.js";
import { readKnownSteps } from "../../shared-cache/index.js";
import { encodeInputs } from "../../shared-cache/inputs.js";
import { openPlace } from "../../shared-cache/open-place.js";

const openRepository = () => Promise.reject(new Error("no registry"));
const keyOf = (inputs: object) => sha256(JSON.stringify(inputs)).slice("sha256:".length);
const step = (command: string, env: readonly string[] = [], root = "base") => ({
  op: "run",
  args: ["/bin/sh", "-c", command],
  env,
  root: [sha256(root)],
});
const there = [step("make", ["LEVEL=1", "API_TOKEN=secret"]), step("test", [], "made there")];

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsbuild-known-"));
  store = Store.openAt(join(folder, "home"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const layerOf = (text: string) => {
  const created = "2026-01-01T00:00:00.000Z";
  return { diffID: sha256(`tar ${text}`), content: sha256(text), size: 1, created };
};

/** A cache of two steps, in a folder. */
async function known(dockerfile = "Dockerfile") {
  const options = { env: {}, openRepository };
  const source = { type: "local", directory: join(folder, "cache") } as const;
  const place = openPlace(source, options);
  const { descriptor, bytes } = encodeInputs(new Map(there.map((inputs) => [keyOf(inputs), inputs])));
  await place.blobs.put(descriptor, Readable.from([bytes]));
  const records = ["make", "test"].map((name, index) => ({
    ...layerOf(`${name} there`),
    key: keyOf(there[index]!),
    step: `[build ${index + 1}/2] RUN ${name}`,
    duration: 5,
  }));
  const group = { platform: "linux/amd64", target: "", dockerfile, records, inputs: descriptor };
  await place.writeIndex({ version: 1, scope: "", groups: [group], layers: [] }, {});
  return readKnownSteps(source, { ...options, dockerfile: "Dockerfile", target: "" });
}

/** A build of this machine whose steps ran. */
function built(...steps: readonly (readonly [string, object])[]): BuildRecord {
  for (const [name, inputs] of steps)
    store.records.put(keyOf(inputs), { version: 1, inputs, layer: layerOf(`${name} here`), duration: 7 });
  const asked = { context: "/app", tags: [], buildArgs: [], noCache: false, noCacheFilter: [] };
  return {
    version: 1,
    id: "20260131T120000123-9f3a",
    started: "2026-01-31T12:00:00.123Z",
    status: "done",
    asked,
    steps: steps.map(([name, inputs], index) => ({
      vertex: String(index),
      name: `[build ${index + 1}/2] RUN ${name}`,
      stage: "build",
      status: "ran",
      duration: 7,
      key: keyOf(inputs),
    })),
  };
}

test("what changed is told, and what only follows from it", async () => {
  const build = built(
    ["make", step("make", ["LEVEL=2", "API_TOKEN=secret"])],
    ["test", { ...step("test"), root: [sha256("make here")] }],
  );
  const { against, steps } = explainBuild(store, build, { against: await known() });
  expect(against).toMatchObject({ id: `local ${join(folder, "cache")}:latest`, started: "2026-01-01T00:00:00.000Z" });
  expect(steps.map(({ cause }) => cause)).toEqual([
    { kind: "changed", changes: [{ kind: "variable", name: "LEVEL", from: "1", to: "2" }] },
    { kind: "follows", step: "[build 1/2] RUN make" },
  ]);
});

test("steps that the cache knows are not told, whether they ran or not; a new step is", async () => {
  const build = built(["make", there[0]!], ["lint", step("lint", [], "another")]);
  const { steps } = explainBuild(store, build, { against: await known("other.Dockerfile") });
  expect(steps.map(({ step: { name } }) => name)).toEqual(["[build 2/2] RUN lint"]);
});

test("a cache that is not there is an error", async () => {
  const source = { type: "local", directory: join(folder, "none") } as const;
  const asking = readKnownSteps(source, { env: {}, openRepository, dockerfile: "Dockerfile", target: "" });
  await expect(asking).rejects.toMatchObject({ code: "cache_unavailable", message: expect.stringContaining("none") });
});
