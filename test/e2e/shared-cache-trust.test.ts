// Whom to believe: scopes, caches that are only read, and what a cache promises and does not keep.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { ran } from "../helpers/cached-steps.js";
import { TWO_STAGES, type TwoStages, useTwoStages } from "../helpers/machines.js";

let busybox: TwoStages["busybox"];
let proxy: TwoStages["proxy"];
let context: string;
/** A repository that no other test uses, behind a proxy that counts. */
let repository: string;
const shared = useTwoStages();
const { machine, build, uploads } = shared;
beforeEach(() => void ({ busybox, proxy, context, repository } = shared));

describe("scopes", () => {
  test("what a pull request writes in its scope, nobody else reads", async () => {
    const ref = `type=registry,ref=${repository}:cache`;
    await build(machine(), ["--cache-to", `${ref},scope=pr-1`]);
    expect(ran(await build(machine(), ["--cache-from", ref]))).toHaveLength(7);
    expect(ran(await build(machine(), ["--cache-from", `${ref},scope=pr-2`]))).toHaveLength(7);
    expect(ran(await build(machine(), ["--cache-from", `${ref},scope=pr-1`]))).toEqual([]);
  });

  test("a build that only reads leaves the cache as it is", async () => {
    await build(machine(), ["--cache-to", `${repository}:cache`]);
    proxy.requests.length = 0;
    writeFileSync(join(context, "a.txt"), "changed\n");
    await build(machine(), ["--cache-from", `${repository}:cache`, "--cache-to", `${repository}:pr`]);
    expect(uploads().filter(({ path }) => path.endsWith("/manifests/cache"))).toEqual([]);
  });

  test("each target has records of its own in one cache", async () => {
    const flags = [
      "--cache-from",
      `${repository}:cache`,
      "--cache-to",
      `type=registry,ref=${repository}:cache,mode=max`,
    ];
    await build(machine(), [...flags, "--target=build"]);
    await build(machine(), flags);
    await build(machine(), [...flags, "--target=build"]);
    expect(ran(await build(machine(), flags))).toEqual([]);
  });
});

describe("what a cache promises and does not keep", () => {
  const corrupt = (directory: string, change: (bytes: Buffer) => Buffer | undefined) => {
    const blobs = join(directory, "blobs/sha256");
    for (const name of readdirSync(blobs)) {
      const bytes = readFileSync(join(blobs, name));
      if (bytes[0] !== 0x1f) continue;
      const changed = change(bytes);
      if (changed) writeFileSync(join(blobs, name), changed);
    }
  };
  const lose = async (change: (bytes: Buffer) => Buffer | undefined) => {
    const directory = join(machine().path, "cache");
    await build(machine(), ["--cache-to", `type=local,dest=${directory},mode=max`]);
    corrupt(directory, change);
    writeFileSync(join(context, "Dockerfile"), TWO_STAGES.replace("cat out when >both", "cat when out >both"));
    return build(machine(), ["--cache-from", `type=local,src=${directory}`]);
  };

  test("a layer that is damaged is noticed, and its step runs", async () => {
    const result = await lose((bytes) => {
      bytes[bytes.length - 9]! ^= 1;
      return bytes;
    });
    expect(result.stderr).toMatch(/gives no layer sha256:\w+, so its step runs here: expected sha256/);
    expect(ran(result)).toContain("RUN cat when out >both");
  });

  test("an archive on stdout is whole, although a layer of it was gone", async () => {
    const directory = join(machine().path, "cache");
    await build(machine(), ["--cache-to", `type=local,dest=${directory},mode=max`]);
    corrupt(directory, (bytes) => bytes.subarray(0, 1));
    const { stdout } = await build(machine(), ["--cache-from", `type=local,src=${directory}`, "-o", "type=oci,dest=-"]);
    expect(stdout.match(/"imageLayoutVersion"/g)).toHaveLength(1);
    expect(stdout.match(/"manifests"/g)).toHaveLength(1);
  });

  test("a layer that is none, under a digest that is right, is not believed", async () => {
    const directory = join(machine().path, "cache");
    await build(machine(), ["--cache-to", `type=local,dest=${directory},mode=max`]);
    const garbage = Buffer.from("this is no gzip");
    const [digest, size] = [sha256(garbage), garbage.length];
    writeFileSync(join(directory, "blobs/sha256", digest.slice("sha256:".length)), garbage);
    rewriteManifest(directory, (manifest) => ({
      ...manifest,
      layers: manifest.layers.map((layer) => (/tar/.test(layer.mediaType) ? { ...layer, digest, size } : layer)),
    }));
    writeFileSync(join(context, "Dockerfile"), TWO_STAGES.replace("cat out when >both", "cat when out >both"));
    const result = await build(machine(), ["--cache-from", `type=local,src=${directory}`]);
    expect(result.stderr).toMatch(/a shared cache has another layer at sha256:\w+ than it says/);
    expect(ran(result)).toHaveLength(7);
  });

  test("a layer that is gone is made again", async () => {
    const result = await lose((bytes) => bytes.subarray(0, 1));
    expect(result.stderr).toMatch(/gives no layer sha256:\w+, so its step runs here/);
    expect(ran(result)).toContain("RUN cat when out >both");
  });

  test("a record whose layer says something else is not believed", async () => {
    const directory = join(machine().path, "cache");
    await build(machine(), ["--cache-to", `type=local,dest=${directory},mode=max`]);
    swapLayers(directory);
    writeFileSync(join(context, "Dockerfile"), TWO_STAGES.replace("cat out when >both", "cat when out >both"));
    const result = await build(machine(), ["--cache-from", `type=local,src=${directory}`, "-t", "made:1"]);
    expect(ran(result)).toContain("RUN cat when out >both");
    expect(ran(result).length).toBeGreaterThan(1);
    expect(result.stderr).toMatch(/a shared cache has another layer at sha256:\w+ than it says/);
  });
});

/** Makes each record of a cache name the layer of another one. */
function swapLayers(directory: string): void {
  const blobs = join(directory, "blobs/sha256");
  interface Index {
    groups: { records: { layer: number }[] }[];
  }
  const names = readdirSync(blobs);
  const read = (name: string) => readFileSync(join(blobs, name));
  const indexName = names.find((name) => read(name).includes('"groups"'))!;
  const index = JSON.parse(read(indexName).toString()) as Index;
  const { records } = index.groups[0]!;
  const [first] = records;
  const last = first!.layer;
  for (const [i, record] of records.entries()) record.layer = records[i + 1]?.layer ?? last;
  replaceBlob(directory, indexName, JSON.stringify(index));
}

interface CacheManifest {
  readonly config: object;
  readonly layers: readonly { readonly mediaType: string }[];
}

/** Puts other bytes in the place of a config, and names them in manifest and index.json. */
function replaceBlob(directory: string, name: string, bytes: string): void {
  rewriteManifest(directory, (manifest) => {
    expect(JSON.stringify(manifest)).toContain(name);
    return { ...manifest, config: { ...manifest.config, ...putBlob(directory, bytes) } };
  });
}

function putBlob(directory: string, content: string) {
  const digest = sha256(content);
  writeFileSync(join(directory, "blobs/sha256", digest.slice("sha256:".length)), content);
  return { digest, size: Buffer.byteLength(content) };
}

function rewriteManifest(directory: string, change: (manifest: CacheManifest) => CacheManifest): void {
  const blobs = join(directory, "blobs/sha256");
  const indexJson = join(directory, "index.json");
  const name = readdirSync(blobs).find((one) => readFileSync(join(blobs, one)).includes('"schemaVersion"'))!;
  const manifest = JSON.parse(readFileSync(join(blobs, name), "utf8")) as CacheManifest;
  const described = putBlob(directory, JSON.stringify(change(manifest)));
  const index = JSON.parse(readFileSync(indexJson, "utf8")) as { manifests: object[] };
  writeFileSync(indexJson, JSON.stringify({ ...index, manifests: [{ ...index.manifests[0], ...described }] }));
}

test("whatever a cache gives, the image is the same", async () => {
  const dockerfile = (last: string) => `FROM busybox AS build
RUN for i in 1 2 3 4 5; do echo $i >/f$i; done
RUN mkdir /d && cp /f1 /d/one
COPY a.txt /d/
FROM busybox
COPY --from=build /d /d
RUN cat /d/one >/one
RUN ${last}
`;
  const env = { SOURCE_DATE_EPOCH: "1700000000" };
  const imageId = async (flags: readonly string[]) => {
    const { stdout } = await machine().expectSuccess(
      ["build", "-q", "-o", "type=image,rewrite-timestamp=true", ...busybox, ...flags, context],
      { env },
    );
    return stdout.trim();
  };
  writeFileSync(join(context, "Dockerfile"), dockerfile("cat /one /d/a.txt >/both"));
  await imageId(["--cache-to", `type=registry,ref=${repository}:cache,mode=max`]);
  writeFileSync(join(context, "Dockerfile"), dockerfile("cat /d/a.txt /one >/both"));
  const expected = await imageId([]);
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  proxy.tamper = ({ method, path }) => {
    if (method !== "GET" || !/\/(?:blobs|manifests)\/sha256/.test(path) || random() < 0.6) return undefined;
    return random() < 0.5 ? "missing" : "damaged";
  };
  try {
    for (let round = 0; round < 6; round++)
      expect(await imageId(["--cache-from", `${repository}:cache`])).toBe(expected);
  } finally {
    proxy.tamper = undefined;
  }
});

/** All blobs of a cache in a folder, inflated. */
function blobTexts(directory: string): string[] {
  const blobs = join(directory, "blobs/sha256");
  const all = existsSync(blobs) ? readdirSync(blobs).map((name) => readFileSync(join(blobs, name))) : [];
  return all.map((bytes) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("latin1"));
}

describe("what must not leave", () => {
  test("a layer with the value of a secret in it is not sent", async () => {
    const secret = "a value that nobody may see";
    writeFileSync(join(context, "a.txt"), `here is ${secret}\n`);
    writeFileSync(join(context, "secret"), secret);
    writeFileSync(join(context, ".dockerignore"), "secret\n");
    const directory = join(machine().path, "cache");
    const flags = [
      "--secret",
      `id=s,src=${join(context, "secret")}`,
      "--cache-to",
      `type=local,dest=${directory},mode=max`,
    ];
    const { code, stderr } = await machine().run(["build", "--progress=plain", ...busybox, ...flags, context]);
    expect(code).toBe(1);
    expect(stderr).toContain('the value of the secret "s" is in the file');
    expect(blobTexts(directory).filter((text) => text.includes(secret))).toEqual([]);
  });

  test("values of private build arguments are not among the inputs", async () => {
    writeFileSync(join(context, "Dockerfile"), "FROM busybox\nARG API_TOKEN\nARG COLOR\nRUN true\n");
    const directory = join(machine().path, "cache");
    const args = ["--build-arg", "API_TOKEN=do-not-tell", "--build-arg", "COLOR=green"];
    await build(machine(), [...args, "--cache-to", `type=local,dest=${directory}`]);
    const texts = blobTexts(directory);
    expect(texts.some((text) => text.includes("COLOR=green"))).toBe(true);
    expect(texts.filter((text) => text.includes("do-not-tell"))).toEqual([]);
  });
});

test("a build that is killed while it sends leaves a cache that others read, and the next build completes it", async () => {
  const flags = ["--cache-from", `${repository}:cache`, "--cache-to", `type=registry,ref=${repository}:cache,mode=max`];
  await build(machine(), flags);
  for (const pause of [200, 400]) {
    writeFileSync(join(context, "a.txt"), `changed ${pause}\n`);
    const { child, result } = machine().start(["build", "-q", ...busybox, ...flags, context]);
    await sleep(pause);
    child.kill("SIGKILL");
    await result;
    expect((await build(machine(), ["--cache-from", `${repository}:cache`])).stderr).not.toMatch(/is not used/);
  }
  await build(machine(), flags);
  expect(ran(await build(machine(), flags))).toEqual([]);
});
