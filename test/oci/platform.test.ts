import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Descriptor,
  formatPlatform,
  hostPlatform,
  type Index,
  matchPlatform,
  parsePlatform,
  selectManifest,
  sha256,
} from "../../oci/index.js";

const host = hostPlatform().architecture;

test.each([
  ["linux/amd64", "linux/amd64"],
  ["linux/x86_64", "linux/amd64"],
  ["Linux/AMD64", "linux/amd64"],
  ["linux/amd64/v1", "linux/amd64"],
  ["linux/amd64/v3", "linux/amd64/v3"],
  ["linux/i386", "linux/386"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm64/8", "linux/arm64"],
  ["linux/arm64/v9", "linux/arm64/v9"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/arm/7", "linux/arm/v7"],
  ["linux/arm/v6", "linux/arm/v6"],
  ["linux/armhf", "linux/arm/v7"],
  ["linux/armel", "linux/arm/v6"],
  ["linux/riscv64", "linux/riscv64"],
  ["linux/loong64", "linux/loong64"],
  ["macos/arm64", "darwin/arm64"],
  ["windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"],
  ["arm64", "linux/arm64"],
  ["armhf", "linux/arm/v7"],
  ["linux", `linux/${host}`],
])("S-071: parsePlatform(%j) is %s", (text, expected) => {
  expect(formatPlatform(parsePlatform(text))).toBe(expected);
});

test.each(["", "vax", "linux/", "/amd64", "linux/amd64/v2/x", "linux/am d64", "linux(/amd64"])(
  "parsePlatform(%j) is bad_platform",
  (text) => {
    expect(() => parsePlatform(text)).toThrow(
      expect.objectContaining({
        code: "bad_platform",
        message: `expected a platform such as "linux/amd64" or "linux/arm/v7", found "${text}"`,
      }),
    );
  },
);

test("formatPlatform() and parsePlatform() are each other's inverse", () => {
  const part = fc.stringMatching(/^[a-z0-9_.-]{1,8}$/);
  const systems = fc.constantFrom("linux", "windows", "darwin", "freebsd", "wasi");
  const architectures = fc.constantFrom("amd64", "x86_64", "aarch64", "arm", "armhf", "386", "s390x", "wasm32");
  fc.assert(
    fc.property(systems, architectures, fc.option(part), (os, architecture, variant) => {
      const platform = parsePlatform([os, architecture, ...(variant === null ? [] : [variant])].join("/"));
      expect(parsePlatform(formatPlatform(platform))).toEqual(platform);
    }),
    { numRuns: 300 },
  );
});

describe("S-071: matchPlatform()", () => {
  test.each([
    ["linux/amd64", "linux/amd64", true],
    ["linux/amd64", "linux/amd64/v2", false],
    ["linux/amd64/v3", "linux/amd64/v2", true],
    ["linux/amd64/v3", "linux/amd64", true],
    ["linux/amd64", "linux/386", true],
    ["linux/386", "linux/amd64", false],
    ["linux/arm/v7", "linux/arm/v6", true],
    ["linux/arm/v7", "linux/arm/v5", true],
    ["linux/arm/v6", "linux/arm/v7", false],
    ["linux/arm64", "linux/arm/v7", true],
    ["linux/arm64", "linux/arm64/v8", true],
    ["linux/arm64/v9", "linux/arm64", true],
    ["linux/arm64", "linux/arm64/v9", false],
    ["linux/arm64/v8.2", "linux/arm64/v8.1", true],
    ["linux/arm64/v9.1", "linux/arm64/v8.6", true],
    ["linux/arm64/v9.1", "linux/arm64/v8.7", false],
    ["linux/s390x", "linux/s390x", true],
    ["linux/amd64", "windows/amd64", false],
    ["linux/amd64", "unknown/unknown", false],
  ])("%s runs %s: %s", (wanted, offered, runs) => {
    expect(matchPlatform(parsePlatform(wanted), parsePlatform(offered)) !== undefined).toBe(runs);
  });

  test("the same platform is best", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("linux/amd64/v2", "linux/arm/v7", "linux/arm64/v9.2", "linux/arm64", "linux/riscv64"),
        (text) => {
          expect(matchPlatform(parsePlatform(text), parsePlatform(text))).toBe(0);
        },
      ),
    );
  });
});

describe("selectManifest()", () => {
  const index = (...platforms: (string | undefined)[]): Index => ({
    schemaVersion: 2,
    manifests: platforms.map((platform, number): Descriptor => ({
      mediaType: "m",
      digest: sha256(String(number)),
      size: number,
      ...(platform !== undefined && { platform: parsePlatform(platform) }),
    })),
  });
  const select = (wanted: string, ...platforms: (string | undefined)[]) =>
    selectManifest(index(...platforms), parsePlatform(wanted), "app:1").size;

  test("takes the newest variant that runs", () => {
    expect(select("linux/arm/v7", "linux/arm/v5", "linux/arm/v6", "linux/amd64")).toBe(1);
    expect(select("linux/arm64", "linux/arm/v7", "linux/arm64")).toBe(1);
  });

  test("takes the first of equals", () => {
    expect(select("linux/amd64", "linux/arm64", "linux/amd64", "linux/amd64")).toBe(1);
  });

  test("takes one that says no platform only when no other suits", () => {
    expect(select("linux/amd64", undefined, "linux/amd64")).toBe(1);
    expect(select("linux/amd64", undefined, "linux/arm64")).toBe(0);
  });

  test("never takes an attestation, and says what there is", () => {
    expect(() => select("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm64", "unknown/unknown")).toThrow(
      expect.objectContaining({
        code: "platform_not_found",
        message: "app:1: expected an image for linux/amd64, found linux/arm64, linux/arm/v7",
        hint: "Choose one of these with --platform.",
      }),
    );
    expect(() => select("linux/amd64")).toThrow("found no image");
  });
});
