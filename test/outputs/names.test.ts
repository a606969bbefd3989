import { expect, test } from "vitest";
import { parseReference, sha256 } from "../../oci/index.js";
import { insecureRegistries, namesWith } from "../../outputs/names.js";
import type { ImageSpec } from "../../outputs/output.js";

const DIGEST = sha256("manifest");
const NAMES = ["r.example/app:1", "r.example/app:2"].map(parseReference);
const namesOf = (output: ImageSpec, names = NAMES) => namesWith(output, names, DIGEST);

test("row 224: an image that is pushed by its digest has no tag, anywhere", () => {
  const byDigest = [`r.example/app@${DIGEST}`];
  expect(namesOf({ type: "registry", pushByDigest: true, nameCanonical: true })).toEqual(byDigest);
  expect(namesOf({ type: "image", push: true, pushByDigest: true })).toEqual(byDigest);
  expect(namesOf({ type: "image", pushByDigest: true })).toEqual(["r.example/app:1", "r.example/app:2"]);
});

test("row 215: name-canonical and dangling-name-prefix", () => {
  expect(namesOf({ type: "registry", nameCanonical: true }, NAMES.slice(0, 1))).toEqual([
    "r.example/app:1",
    `r.example/app@${DIGEST}`,
  ]);
  const dangling = { type: "image", danglingNamePrefix: "nameless" } as const;
  expect(namesOf(dangling, [])).toEqual([`docker.io/library/nameless@${DIGEST}`]);
  expect(namesOf(dangling)).toEqual(["r.example/app:1", "r.example/app:2"]);
});

test("row 283: registry.insecure=true is for the registries that the output pushes to", () => {
  const registries = (...outputs: ImageSpec[]) => insecureRegistries(outputs, NAMES);
  expect(registries({ type: "registry", insecure: true })).toEqual(["r.example"]);
  expect(registries({ type: "registry", insecure: true, names: ["localhost:5000/x"] })).toEqual(["localhost:5000"]);
  expect(registries({ type: "image", insecure: true }, { type: "registry" })).toEqual([]);
});
