// What the options of a build mean when they are not given.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { planOptions, withoutImage } from "../../build/picks.js";
import { withDefaults } from "../../build/resolved-options.js";
import { formatPlatform, hostPlatform } from "../../oci/index.js";

beforeEach(() => vi.stubEnv("SOURCE_DATE_EPOCH", undefined));
afterEach(() => vi.unstubAllEnvs());

describe("withDefaults()", () => {
  test("has a value for all that has a default", () => {
    expect(withDefaults({ home: "/store", jobs: 3 })).toMatchObject({
      context: ".",
      home: "/store",
      jobs: 3,
      buildArgs: {},
      labels: {},
      buildContexts: {},
      secrets: {},
      ssh: {},
      run: {},
      references: [],
      platforms: [],
      annotations: [],
      unsetEnv: [],
      unsetLabels: [],
      cacheFrom: [],
      cacheTo: [],
      cacheMountsFrom: [],
      cacheMountsTo: [],
      noCacheFilter: [],
      allow: [],
      mounts: [],
      devices: [],
      outputs: [{ type: "image" }],
      pull: "missing",
      network: "default",
      inheritLabels: true,
      createdAnnotation: false,
      rewriteTimestamp: false,
      verifyReproducible: false,
      omitHistory: false,
      identityLabel: false,
      locked: false,
      noCache: false,
      allowSecretInLayer: false,
      provenance: false,
      sbom: false,
      now: Date.now,
      onEvent: expect.any(Function),
      onReads: expect.any(Function),
    });
  });

  test("takes undefined for what is not given", () => {
    const given = { labels: undefined, pull: undefined, outputs: undefined } as object;
    expect(withDefaults(given)).toMatchObject({ labels: {}, pull: "missing", outputs: [{ type: "image" }] });
  });

  test("says what push, tags and cache are short for", () => {
    const resolved = withDefaults({ tags: ["r.example/a:1"], push: true, cache: "auto" });
    const ref = "r.example/a:buildcache";
    expect(resolved).toMatchObject({
      outputs: [{ type: "registry" }],
      references: [{ registry: "r.example", repository: "a", tag: "1" }],
      cacheFrom: [{ type: "registry", ref }],
      cacheTo: [{ type: "registry", ref, mode: "max" }],
    });
    expect(Object.keys(resolved)).not.toEqual(expect.arrayContaining(["push"]));
  });

  test("a date is a build argument, the time of what is made, and RFC 3339", () => {
    vi.stubEnv("SOURCE_DATE_EPOCH", "7");
    const resolved = withDefaults({ sourceDateEpoch: 1, buildArgs: { A: "b" } });
    expect(resolved).toMatchObject({
      buildArgs: { A: "b", SOURCE_DATE_EPOCH: "1" },
      epoch: "1970-01-01T00:00:01.000Z",
    });
    expect(resolved.now()).toBe(1000);
    expect(withDefaults({}).epoch).toBe("1970-01-01T00:00:07.000Z");
  });

  test("verifyReproducible builds without the cache and with clamped times, and says so of each step", () => {
    const resolved = withDefaults({ verifyReproducible: true, sourceDateEpoch: 1 });
    expect(resolved).toMatchObject({ noCache: true, rewriteTimestamp: true });
    expect(planOptions(resolved).noCache).toBe("--verify-reproducible");
    expect(planOptions(withDefaults({ noCache: true })).noCache).toBe(true);
  });

  test.each([
    [{ jobs: 0 }, "expected a number of jobs from 1 on"],
    [{ signBy: "key.pem" }, "nothing is pushed"],
    [{ sbom: true, outputs: [{ type: "cacheonly" }] }, "attestations belong to an image"],
  ] as const)("refuses %j", (given, message) => {
    expect(() => withDefaults(given)).toThrow(message);
  });
});

test("withoutImage() leaves nothing elsewhere, and reads what the build would read", () => {
  const options = withDefaults({ tags: ["r.example/a:1"], push: true, cache: "auto", signBy: "key.pem", sbom: true });
  const { cacheFrom } = options;
  expect(withoutImage(options)).toMatchObject({ outputs: [], cacheTo: [], cacheMountsTo: [], sbom: false, cacheFrom });
  expect(withoutImage(options)).not.toHaveProperty("signBy");
});

describe("times and platforms", () => {
  test("row 294: a timestamp dates the image and rewrites all; steps do not see it", () => {
    const resolved = withDefaults({ timestamp: 5 });
    expect(resolved).toMatchObject({ epoch: "1970-01-01T00:00:05.000Z", rewriteTimestamp: true });
    expect(resolved.now()).toBe(5000);
    expect(resolved.buildArgs).toEqual({});
    expect(() => withDefaults({ timestamp: 5, sourceDateEpoch: 6 })).toThrow("two times for one image");
  });

  test("rows 121, 123: local is this machine's platform; all of them and some exclude each other", () => {
    const own = formatPlatform(hostPlatform());
    expect(withDefaults({ platform: "local" })).toMatchObject({ platform: own, platforms: [hostPlatform()] });
    expect(withDefaults({ platform: "linux/s390x, local" }).platform).toBe(`linux/s390x,${own}`);
    expect(() => withDefaults({ platform: "local", allPlatforms: true })).toThrow("all platforms and some");
  });

  test("row 227: the format is that of outputs that do not say", () => {
    const outputs = [{ type: "registry" }, { type: "docker", dest: "a", ociMediaTypes: true }] as const;
    const { outputs: given } = withDefaults({ tags: ["r.example/a:1"], format: "docker", outputs });
    expect(given).toEqual([{ type: "registry", ociMediaTypes: false }, outputs[1]]);
  });

  test("row 283: an output declares the registries of its names insecure", () => {
    const outputs = [{ type: "registry", insecure: true }] as const;
    expect(withDefaults({ tags: ["r.example/a:1"], outputs }).insecureRegistries).toEqual(["r.example"]);
  });
});
