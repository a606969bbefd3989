// Caches beyond the store: what a machine that knows nothing gets from them, what it moves for that, and what it believes.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ran } from "../helpers/cached-steps.js";
import type { CliResult } from "../helpers/cli.js";
import { GithubCacheServer } from "../helpers/github-cache.js";
import { TWO_STAGES, type TwoStages, useTwoStages } from "../helpers/machines.js";
import { BUCKET, KEYS, type S3Server, startS3 } from "../helpers/s3-server.js";

let busybox: TwoStages["busybox"];
let proxy: TwoStages["proxy"];
let context: string;
/** A repository that no other test uses, behind a proxy that counts. */
let repository: string;
const shared = useTwoStages();
const { machine, build, uploads } = shared;
beforeEach(() => void ({ busybox, proxy, context, repository } = shared));

let s3: S3Server;
let github: GithubCacheServer;
beforeAll(async () => void ([s3, github] = await Promise.all([startS3(), GithubCacheServer.start()])));
afterAll(() => Promise.all([s3.stop(), github.stop()]));

const digestOf = ({ stderr }: CliResult) => /pushing manifest for \S+@(sha256:\w+)/.exec(stderr)?.[1];

describe("row 256: type=registry, mode=max", () => {
  const flags = () => {
    const ref = `${repository}:cache`;
    return ["--cache-from", ref, "--cache-to", `type=registry,ref=${ref},mode=max`, "-t", `${repository}:1`, "--push"];
  };

  test("an empty machine moves a handful of requests and no layer, and pushes the same image", async () => {
    const first = await build(machine(), flags());
    expect(ran(first)).toHaveLength(7);
    proxy.requests.length = 0;
    const second = await build(machine(), flags());
    expect(ran(second)).toEqual([]);
    expect(digestOf(second)).toBe(digestOf(first));
    const own = repository.replace(proxy.host, "/v2");
    expect(
      proxy.requests.map(({ method, path }) => `${method} ${path.replace(/sha256:\w+/, "DIGEST")}`).sort(),
    ).toEqual(
      [
        `HEAD ${own}/manifests/cache`,
        `GET ${own}/manifests/DIGEST`,
        `GET ${own}/blobs/DIGEST`,
        `HEAD ${own}/manifests/1`,
      ].sort(),
    );
    expect(proxy.requests.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(20_000);
  });

  test("an unchanged build exports nothing", async () => {
    const here = machine();
    await build(here, flags());
    proxy.requests.length = 0;
    expect((await build(here, flags())).stderr).toContain("nothing to export");
    expect(uploads()).toEqual([]);
  });

  test("row 266: a step that changed fetches the layers below it, and no others; only what is new is sent", async () => {
    await build(machine(), flags());
    writeFileSync(join(context, "Dockerfile"), TWO_STAGES.replace("cat out when >both", "cat when out >both"));
    proxy.requests.length = 0;
    const result = await build(machine(), flags());
    expect(ran(result)).toEqual(["RUN cat when out >both"]);
    const fetched = proxy.requests.filter(
      ({ method, path, bytes }) => method === "GET" && path.includes("/blobs/") && bytes > 100_000,
    );
    expect(fetched).toEqual([]); // the 300 kB of the stage beside it
    expect(uploads().filter(({ method, path }) => method === "PUT" && path.includes("/manifests/"))).toHaveLength(2);
    expect(uploads().filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(5); // whether a push is allowed, layer, image config, index, inputs
  });

  test("a miss on an empty machine says what changed since the cache was written, and so does explain", async () => {
    await build(machine(), flags());
    writeFileSync(join(context, "a.txt"), "changed\n");
    const here = machine();
    const { stderr } = await build(here, ["--cache-from", `${repository}:cache`]);
    expect(stderr).toContain("why: 1 file changed: a.txt");
    expect(stderr).toContain("why: follows [build 3/5] COPY a.txt .");
    const { stdout } = await here.expectSuccess(["explain"]);
    expect(stdout).toContain("1 file changed: a.txt");
    expect(stdout).not.toContain("it is new");
  });

  test("what was fetched is known to the store afterwards, but only to builds that read the cache", async () => {
    const write = (last: string) =>
      writeFileSync(join(context, "Dockerfile"), `FROM busybox\nRUN date +%s%N >/when\nRUN ${last}\n`);
    write("cat /when");
    await build(machine(), flags());
    write("cat /when /when");
    const here = machine();
    await build(here, ["--cache-from", `${repository}:cache`]);
    await registryGone(async () => {
      write("cat /when /when /when");
      const reading = await build(here, ["--cache-from", `${repository}:cache`]);
      expect(reading.stderr).toMatch(/the cache at .* is not used/);
      expect(ran(reading)).toEqual(["RUN cat /when /when /when"]);
      write("cat /when /when /when /when");
      expect(ran(await build(here, []))).toEqual(["RUN date +%s%N >/when", "RUN cat /when /when /when /when"]);
    });
  });
});

/** Runs `work` while the registry answers nobody. */
async function registryGone(work: () => Promise<void>): Promise<void> {
  proxy.refuse = true;
  try {
    await work();
  } finally {
    proxy.refuse = false;
  }
}

test("I-06: image and another cache in the same registry take layers over without moving them", async () => {
  const ref = `${repository}/caches:main`;
  await build(machine(), ["--cache-to", `type=registry,ref=${ref},mode=max`]);
  proxy.requests.length = 0;
  const other = `type=registry,ref=${repository}/pr:cache,mode=max`;
  await build(machine(), ["--cache-from", ref, "--cache-to", other, "-t", `${repository}/images:1`, "--push"]);
  const read = proxy.requests.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  expect(read).toHaveLength(2); // the index, and that the other one is there once it is written
  expect(ran(await build(machine(), ["--cache-from", `${repository}/pr:cache`]))).toEqual([]);
});

test("W-07: a layer is sent while later steps run", async () => {
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN date >/a\nRUN sleep 4\n");
  const flags = ["--cache-to", `type=registry,ref=${repository}:cache,mode=max`];
  const { result } = machine().start(["build", "-q", ...busybox, ...flags, context]);
  let isDone = false;
  const done = result.then(() => (isDone = true));
  while (!isDone && !proxy.requests.some(({ method, path }) => method === "PUT" && path.includes("/blobs/"))) {
    await sleep(50);
  }
  expect(isDone).toBe(false);
  await done;
});

test("row 255: mode=min has the layers of the image only, and still finds all steps of an unchanged build", async () => {
  const flags = [
    "--cache-from",
    `${repository}:cache`,
    "--cache-to",
    `${repository}:cache`,
    "-t",
    `${repository}:1`,
    "--push",
  ];
  await build(machine(), flags);
  const isOfTheOtherStage = ({ sent }: { readonly sent: number }) => sent > 250_000 && sent < 400_000;
  expect(proxy.requests.filter(isOfTheOtherStage)).toEqual([]);
  expect(ran(await build(machine(), flags))).toEqual([]);
  // a step beside the image that is needed after all is made here
  writeFileSync(join(context, "Dockerfile"), TWO_STAGES.replace("RUN date +%s%N >when", "RUN echo now >when"));
  const result = await build(machine(), flags);
  expect(ran(result)).toContain("RUN head -c 300000 /dev/urandom >big && cat a.txt >out");
  expect(ran(result)).toContain("RUN echo now >when");
});

test("a cache with all layers is written from one that has those of the image only", async () => {
  await build(machine(), ["--cache-to", `${repository}:min`]);
  const flags = ["--cache-from", `${repository}:min`, "--cache-to", `type=registry,ref=${repository}:max,mode=max`];
  const result = await build(machine(), flags);
  expect(ran(result)).toEqual([]);
  expect(result.stderr).not.toMatch(/gives no layer/);
  expect(ran(await build(machine(), ["--cache-from", `${repository}:max`]))).toEqual([]);
});

test("row 254: type=inline is read from the image", async () => {
  const name = `${repository}:1`;
  const first = await build(machine(), ["--cache-to", "type=inline", "-t", name, "--push"]);
  const second = await build(machine(), ["--cache-from", name, "--cache-to", "type=inline", "-t", name, "--push"]);
  expect(ran(second)).toEqual([]);
  expect(digestOf(second)).toBe(digestOf(first));
  const plain = await build(machine(), ["-t", `${repository}:plain`, "--push"]);
  expect(plain.stderr).not.toContain("exporting cache");
  const none = await build(machine(), ["--cache-from", `${repository}:plain`]);
  expect(none.stderr).toMatch(/has no inline cache/);
});

test("row 257: type=local, by tag and by digest", async () => {
  const directory = join(machine().path, "cache");
  await build(machine(), ["--cache-to", `type=local,dest=${directory},mode=max`]);
  expect(ran(await build(machine(), ["--cache-from", `type=local,src=${directory}`]))).toEqual([]);
  const { manifests } = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  const byDigest = `type=local,src=${directory},digest=${manifests[0]!.digest}`;
  expect(ran(await build(machine(), ["--cache-from", byDigest]))).toEqual([]);
  expect(ran(await build(machine(), ["--cache-from", `type=local,src=${directory},tag=other`]))).toHaveLength(7);
});

test("row 259: type=s3", async () => {
  const spec = `type=s3,bucket=${BUCKET},endpoint_url=${s3.url},prefix=e2e/,name=main`;
  const env = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
  await build(machine(), ["--cache-to", `${spec},mode=max`], { env });
  s3.requests.length = 0;
  const flags = [
    "--cache-from",
    spec,
    "--cache-to",
    `${spec},mode=max`,
    "-o",
    `type=oci,dest=${join(machine().path, "a.tar")}`,
  ];
  expect(ran(await build(machine(), flags, { env }))).toEqual([]);
  expect(s3.requests.filter((request) => request.startsWith("PUT"))).toEqual([]);
  expect(s3.requests.filter((request) => request.includes("manifests"))).toEqual(["GET /ci/e2e/manifests/main"]);
});

test("row 258: type=gha, with scopes", async () => {
  const { env } = github;
  await build(machine(), ["--cache-to", "type=gha,mode=max,scope=main"], { env });
  github.requests.length = 0;
  const flags = [
    "--cache-from",
    "type=gha,scope=main",
    "--cache-to",
    "type=gha,mode=max,scope=main",
    "-t",
    `${repository}:1`,
  ];
  expect(ran(await build(machine(), flags, { env }))).toEqual([]);
  expect(github.requests.filter((request) => /Create|PUT/.test(request))).toEqual([]);
  expect(ran(await build(machine(), ["--cache-from", "type=gha,scope=pr"], { env }))).toHaveLength(7);
});

test("row 264: of several caches the first that has a step counts", async () => {
  const directory = join(machine().path, "cache");
  await build(machine(), ["--cache-to", `type=local,dest=${directory}`]);
  const result = await build(machine(), [
    "--cache-from",
    `${repository}:missing`,
    "--cache-from",
    `type=local,src=${directory}`,
  ]);
  expect(ran(result)).toEqual([]);
  expect(result.stderr).toContain("there is no cache at registry");
});

test("row 265: a cache that is missing, or no cache, or out of reach is a warning", async () => {
  const { stderr } = await build(machine(), [
    "--cache-from",
    `${repository}:missing`,
    "--cache-from",
    "localhost:1/app:cache",
    "--cache-from",
    `type=local,src=${context}/nothing`,
  ]);
  expect(stderr).toContain(`there is no cache at registry ${repository}:missing`);
  expect(stderr).toMatch(/the cache at registry localhost:1\/app:cache is not used: cannot reach localhost:1/);
  expect(stderr).toContain("there is no cache at local");
});

test("row 262: a cache that cannot be written fails the build, unless that is ignored", async () => {
  const failing = await machine().run([
    "build",
    "--progress=plain",
    ...busybox,
    "--cache-to",
    "localhost:1/app:cache",
    context,
  ]);
  expect(failing.code).toBe(1);
  expect(failing.stderr).toMatch(/cannot reach localhost:1/);
  const ignoring = await build(machine(), ["--cache-to", "type=registry,ref=localhost:1/app:cache,ignore-error=true"]);
  expect(ignoring.stderr).toMatch(/the cache was not written: cannot reach localhost:1/);
});

test("a cache that cannot be written as it is named is told before the build begins", async () => {
  const failing = await machine().run(["build", "--progress=plain", ...busybox, "--cache-to", "type=gha", context]);
  expect(failing.stderr).toContain("a cache of type gha needs the URL and the token of GitHub Actions");
  const twice = ["--cache-to", `${repository}:1`, "-t", `${repository}:1`];
  const replacing = await machine().run(["build", "--progress=plain", ...busybox, ...twice, context]);
  expect(replacing.stderr).toContain(`the build would write "${repository}:1" twice`);
  for (const { code, stderr } of [failing, replacing]) {
    expect(code).not.toBe(0);
    expect(stderr).not.toContain("WORKDIR");
  }
});

test("--cache=auto keeps a cache beside the image, and is silent about one that it may not write", async () => {
  const flags = ["--cache=auto", "-t", `${repository}:1`, "--push"];
  const first = await build(machine(), flags);
  expect(first.stderr).toContain(`exporting cache to registry ${repository}:buildcache`);
  expect(ran(await build(machine(), flags))).toEqual([]);
  const { code, stderr } = await machine().run(["build", "--cache=auto", "-t", "app", ...busybox, context]);
  expect(code).toBe(125);
  expect(stderr).toContain("--cache=auto needs an image name with a registry");
});
