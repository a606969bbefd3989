// Steps that nest directories deeper than a path can say (PATH_MAX): the next step sees them, and the store can be emptied.

import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../../helpers/images.js";
import { type Person, UserBench } from "../../helpers/users.js";

const NAME = "d".repeat(60);
const DOCKERFILE = [
  "FROM busybox",
  `RUN mkdir /deep && cd /deep && for i in $(seq 70); do mkdir ${NAME} && cd -P ${NAME} 2>/dev/null; done; echo of the first >leaf; chmod 0 .`,
  `RUN cd /deep; while cd -P ${NAME} 2>/dev/null || chmod 700 ${NAME} 2>/dev/null; do :; done; cat leaf; rm leaf; mkdir other`,
  `RUN cd /deep; while cd -P ${NAME} 2>/dev/null; do :; done; ls`,
].join("\n");

const bench = new UserBench();
beforeAll(async () => {
  cpSync(await baseImage("busybox"), bench.at("busybox"), { recursive: true });
  mkdirSync(bench.at("context"));
  writeFileSync(bench.at("context/Dockerfile"), DOCKERFILE);
  bench.share();
});
afterAll(() => bench.close());

test.each<[Person, string]>([
  ["root", "overlay"],
  ["single", "copy"],
])("a deep tree is a layer like any other (%s, %s)", async (person, snapshotter) => {
  const base = ["--build-context", `busybox=oci-layout://${bench.at("busybox")}`];
  const words = ["build", "--progress=plain", "--no-cache", `--snapshotter=${snapshotter}`, ...base, "context"];
  const { code, stderr } = await bench.tsbuild(person, words);
  expect(stderr).toMatch(/ of the first$/m);
  expect(stderr).toMatch(/ other$/m);
  expect(code, stderr).toBe(0);
  for (const command of [
    ["cache", "verify"],
    ["prune", "--all", "--force"],
  ])
    expect(await bench.tsbuild(person, command)).toMatchObject({ code: 0 });
  expect(readdirSync(`${bench.home(person)}/store/tmp`)).toEqual([]);
});
