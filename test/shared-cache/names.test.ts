import { describe, expect, test } from "vitest";
import { formatReference, parseReference } from "../../oci/index.js";
import { autoCache, expectOwnNames } from "../../shared-cache/index.js";

describe("expectOwnNames()", () => {
  const tags = [parseReference("reg.example/app:1")];
  const registry = (ref: string, scope?: string) => ({ type: "registry" as const, ref, ...(scope && { scope }) });
  test.each([
    ["the image", [registry("reg.example/app:1")], []],
    ["the image, by a scope", [registry("reg.example/app", "x")], [], [parseReference("reg.example/app:latest-x")]],
    ["another cache", [registry("a:b"), registry("docker.io/library/a:b")], []],
    ["cache mounts", [registry("a:b")], [registry("a:b")]],
    [
      "cache mounts in a folder",
      [{ type: "local" as const, directory: "d" }],
      [{ type: "local" as const, directory: "d" }],
    ],
  ])("refuses a cache in the place of %s", (_, targets, mounts, names = tags) => {
    expect(() => expectOwnNames(targets, mounts, names)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test("refuses to write under a digest", () => {
    const ref = `reg.example/app@sha256:${"0".repeat(64)}`;
    expect(() => expectOwnNames([registry(ref)])).toThrow(/expected a tag to write/);
  });

  test("takes what has names of its own", () => {
    const targets = [
      registry("reg.example/app:cache"),
      registry("reg.example/app:cache", "pr"),
      { type: "inline" as const },
    ];
    expect(expectOwnNames(targets, [registry("reg.example/app:mounts")], tags)).toBe(targets);
  });
});

describe("autoCache()", () => {
  test("is beside the image", () => {
    expect(autoCache(parseReference("reg.example:5000/team/app:1.2"))).toEqual({
      from: { type: "registry", ref: "reg.example:5000/team/app:buildcache" },
      to: { type: "registry", ref: "reg.example:5000/team/app:buildcache", mode: "max", ignoreError: true },
    });
    expect(formatReference(parseReference("me/app"))).toBe("docker.io/me/app:latest");
    expect(autoCache(parseReference("me/app")).from).toEqual({ type: "registry", ref: "docker.io/me/app:buildcache" });
  });

  test.each([undefined, "app:1"])("needs a name that somebody may push to, not %s", (name) => {
    const reference = name === undefined ? undefined : parseReference(name);
    expect(() => autoCache(reference)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
