import { describe, expect, test } from "vitest";
import { chainIDs, MediaType, parseImageConfig, parseIndex, parseManifest, sha256 } from "../../oci/index.js";

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const blob = { mediaType: MediaType.layer, digest: sha256("x"), size: 1 };

describe("parseManifest()", () => {
  test("keeps what it knows and leaves out the rest", () => {
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.manifest,
      config: blob,
      layers: [{ ...blob, annotations: { a: "b" } }],
      annotations: { c: "d" },
    };
    expect(parseManifest(json({ ...manifest, unknown: 1, layers: [{ ...manifest.layers[0], urls: ["x"] }] }))).toEqual(
      manifest,
    );
  });

  test("null is absent", () => {
    expect(parseManifest(json({ schemaVersion: 2, config: blob, layers: null, annotations: null }))).toEqual({
      schemaVersion: 2,
      config: blob,
      layers: [],
    });
  });

  test.each<[string, Uint8Array, string]>([
    ["no JSON", Buffer.from("<html>"), 'image manifest: expected JSON, found "<html>"'],
    ["an array", json([]), 'image manifest, schemaVersion: expected "schemaVersion", found nothing'],
    ["another schema", json({ schemaVersion: 1, config: blob }), "image manifest, schemaVersion: expected 2, found 1"],
    ["no config", json({ schemaVersion: 2 }), 'image manifest, config: expected "config", found nothing'],
    [
      "a digest of another kind",
      json({ schemaVersion: 2, config: { ...blob, digest: "sha512:ab" } }),
      'image manifest, config.digest: expected sha256 and 64 hex digits, found "sha512:ab"',
    ],
    [
      "a path as digest",
      json({ schemaVersion: 2, config: blob, layers: [{ ...blob, digest: "sha256:../../etc/passwd" }] }),
      'image manifest, layers.0.digest: expected sha256 and 64 hex digits, found "sha256:../../etc/passwd"',
    ],
    [
      "a negative size",
      json({ schemaVersion: 2, config: { ...blob, size: -1 } }),
      "image manifest, config.size: expected >=0, found -1",
    ],
    [
      "more than 4 MiB",
      Buffer.alloc((4 << 20) + 1, " "),
      "image manifest: expected at most 4194304 bytes, found 4194305",
    ],
    [
      "a million brackets",
      Buffer.alloc(1_000_000, "["),
      'image manifest: expected JSON, found "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["',
    ],
    [
      "a hundred thousand closed brackets",
      Buffer.from(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
      'image manifest: expected JSON, found "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["',
    ],
  ])("S-206: %s is bad_manifest", (_what, bytes, message) => {
    expect(() => parseManifest(bytes)).toThrow(expect.objectContaining({ code: "bad_manifest", message }));
  });
});

test("parseIndex() reads platforms", () => {
  const platform = { os: "linux", architecture: "arm", variant: "v7" };
  expect(parseIndex(json({ schemaVersion: 2, manifests: [{ ...blob, platform }] })).manifests[0]?.platform).toEqual(
    platform,
  );
});

describe("parseImageConfig()", () => {
  test("fills in what may be absent", () => {
    expect(
      parseImageConfig(json({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: null } })),
    ).toEqual({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    });
  });

  test("reads what Docker adds, and drops what it calculates", () => {
    const config = {
      User: "node",
      ExposedPorts: { "80/tcp": {} },
      Env: ["A=1"],
      Entrypoint: ["/e"],
      Cmd: ["c"],
      Volumes: { "/v": {} },
      WorkingDir: "/w",
      Labels: { l: "1" },
      StopSignal: "SIGINT",
      ArgsEscaped: true,
      Healthcheck: { Test: ["NONE"], Interval: 1_000_000_000, Retries: 3 },
      OnBuild: ["RUN x"],
      Shell: ["/bin/bash", "-c"],
    };
    const image = {
      architecture: "arm64",
      os: "linux",
      variant: "v8",
      "os.version": "1",
      "os.features": ["f"],
      created: "2024-01-01T00:00:00Z",
      author: "me",
      config,
      rootfs: { type: "layers", diff_ids: [sha256("a")] },
      history: [{ created_by: "ADD", empty_layer: true, comment: "c" }],
    };
    const added = {
      container: "x",
      docker_version: "20",
      container_config: {},
      config: { ...config, Hostname: "", Tty: false, Domainname: null },
    };
    expect(parseImageConfig(json({ ...image, ...added }))).toEqual(image);
  });

  test("nulls inside are absent, and sets are sets whatever they hold", () => {
    const { config } = parseImageConfig(
      json({
        architecture: "a",
        os: "l",
        config: { Env: null, Cmd: null, Volumes: { "/v": { x: 1 } } },
        rootfs: { type: "layers" },
      }),
    );
    expect(config).toEqual({ Volumes: { "/v": {} } });
  });

  test("a list with null in it is bad_manifest", () => {
    expect(() =>
      parseImageConfig(json({ architecture: "a", os: "l", config: { Env: [null] }, rootfs: { type: "layers" } })),
    ).toThrow("image config, config.Env.0: expected string, found nothing");
  });
});

test("chainIDs() names every stack of layers", () => {
  const [a, b, c] = [sha256("a"), sha256("b"), sha256("c")];
  const two = sha256(`${a} ${b}`);
  expect(chainIDs([a, b, c])).toEqual([a, two, sha256(`${two} ${c}`)]);
  expect(chainIDs([])).toEqual([]);
});
