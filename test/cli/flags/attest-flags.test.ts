import { expect, test } from "vitest";
import { attestOptions } from "../../../cli/flags/attest-flags.js";
import { BUILD_FLAGS } from "../../../cli/flags/build-flags.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";

const options = (...words: string[]) => attestOptions(parseCommandLine(words, BUILD_FLAGS).flags);

test("row 243: provenance takes a mode, a version, and inline-only", () => {
  const usual = { mode: "min", version: "v1", reproducible: false, inlineOnly: false };
  expect(options("--provenance=true")).toEqual({ provenance: usual });
  expect(options("--provenance", "mode=max,version=v0.2,inline-only=true,builder-id=https://ci.example")).toEqual({
    provenance: { ...usual, mode: "max", version: "v0.2", inlineOnly: true, builderId: "https://ci.example" },
  });
  expect(options("--attest=type=provenance,version=v0.2", "--provenance=false")).toEqual({ provenance: false });
});

test.each([
  [["--provenance", "version=v0.1"], "--provenance version=v0.1: expected v1 or v0.2"],
  [["--provenance", "mode=all"], "--provenance mode=all: expected min or max"],
  [["--sbom", "generator=x/y"], "--sbom generator: is not supported by this version"],
])("%j is refused", (words, message) => {
  expect(() => options(...words)).toThrow(message);
});
