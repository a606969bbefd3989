// A model of the cache: random Dockerfiles and random edits. After each edit the build gives the image that a build without
// any cache gives, runs exactly the steps whose inputs were never seen, and `explain` names exactly the edit (S-189 to S-196).
// TSBUILD_MODEL_RUNS=200 npx vitest run --project e2e test/e2e/cache-model.test.ts looks longer.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Store } from "../../cache/index.js";
import { build, type BuildEvent, explain } from "../../index.js";
import { type BaseImage, baseImage } from "../helpers/images.js";
import {
  applyEdit,
  dockerfileOf,
  type Edit,
  expectedChanges,
  type Project,
  projects,
  edits,
} from "../helpers/cache-model/project.js";
import { simulate } from "../helpers/cache-model/simulate.js";
import { writeProject } from "../helpers/cache-model/write.js";

const RUNS = Number(process.env["TSBUILD_MODEL_RUNS"] ?? 4);

const BASE: BaseImage = "busybox";
let base: string;
let directory: string;
beforeAll(async () => {
  base = await baseImage(BASE);
  directory = mkdtempSync(join(tmpdir(), "tsbuild-model-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test(
  "random edits: the same image as without a cache, no step too many, and each edit explained",
  () =>
    fc.assert(fc.asyncProperty(projects, fc.array(edits, { minLength: 3, maxLength: 6 }), follow), { numRuns: RUNS }),
  60_000 + RUNS * 20_000,
);

async function follow(first: Project, changes: readonly Edit[]): Promise<void> {
  const place = mkdtempSync(join(directory, "case-"));
  const [context, home, clean] = ["context", "home", "clean"].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(context);
  const seen = new Set<string>();
  let project = first;
  await step(undefined);
  for (const edit of changes) {
    const before = project;
    project = applyEdit(project, edit);
    await step(before);
  }
  rmSync(place, { recursive: true, force: true });

  async function step(before: Project | undefined): Promise<void> {
    writeProject(context, project);
    const steps = simulate(project);
    const { layers, ran } = await run(home, { noCache: false });
    const hasRun = ran.some((text) => text.startsWith("RUN"));
    const expected = steps.filter(({ key }) => !seen.has(key)).map(({ text }) => text);
    expect(ran.toSorted(), dockerfileOf(project)).toEqual(expected.toSorted());
    for (const { key } of steps) seen.add(key);
    expect(layers, dockerfileOf(project)).toEqual((await run(clean, { noCache: true })).layers);
    if (before) expect(await explained(home), dockerfileOf(project)).toEqual(expectedChanges(before, project, hasRun));
  }

  async function run(store: string, { noCache }: { readonly noCache: boolean }) {
    const ran: string[] = [];
    const names = new Map<string, string>();
    const onEvent = (event: BuildEvent) => {
      if (event.type === "vertex") names.set(event.vertex, event.name.replace(/^\[[^\]]*\] /, ""));
      if (event.type === "done" && event.layer && !event.cached) ran.push(names.get(event.vertex)!);
    };
    const buildArgs = { VALUE: project.value };
    const buildContexts = { [BASE]: `oci-layout://${base}` };
    const { config } = await build({ context, home: store, noCache, buildArgs, buildContexts, onEvent });
    return { layers: contentsOf(store, config.rootfs.diff_ids), ran };
  }
}

function contentsOf(home: string, diffIDs: readonly `sha256:${string}`[]): readonly (string | undefined)[] {
  const store = Store.openAt(home);
  const contents = diffIDs.map((diffID) => store.layerIndex(diffID)?.content);
  store.close();
  return contents;
}

/** All that explain says changed, each once. */
async function explained(home: string): Promise<readonly string[]> {
  const { steps } = await explain(undefined, { home });
  const said = steps.flatMap(({ cause }) => {
    if (cause.kind === "changed") return cause.changes.map((change) => JSON.stringify(change));
    return cause.kind === "follows" ? [] : [cause.kind];
  });
  return [...new Set(said)].toSorted();
}
