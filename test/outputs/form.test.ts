import { expect, test } from "vitest";
import { parsePlatform } from "../../oci/index.js";
import { type Annotation, annotationsOf, checkAnnotations, checkLevels } from "../../outputs/annotations.js";
import { formOf } from "../../outputs/form.js";
import type { ImageSpec } from "../../outputs/output.js";

test.each<[output: ImageSpec, form: object]>([
  [{ type: "image" }, { compression: "none", dialect: "oci", force: false }],
  [
    { type: "image", push: true },
    { compression: "gzip", dialect: "oci" },
  ],
  [{ type: "registry" }, { compression: "gzip", dialect: "oci" }],
  [
    { type: "oci", dest: "x" },
    { compression: "gzip", dialect: "oci" },
  ],
  [{ type: "docker" }, { compression: "none", dialect: "docker" }],
  [
    { type: "docker", compression: "zstd" },
    { compression: "zstd", dialect: "oci" },
  ],
  [{ type: "docker", annotations: [{ key: "a", value: "b" }] }, { dialect: "oci" }],
  [
    { type: "registry", ociMediaTypes: false, compressionLevel: 9 },
    { compression: "gzip", level: 9, dialect: "docker" },
  ],
  [
    { type: "registry", compression: "estargz", forceCompression: true },
    { compression: "gzip", estargz: true, force: true },
  ],
])("rows 227 to 232: formOf(%j)", (output, form) => {
  expect(formOf(output)).toMatchObject(form);
});

test.each<[output: ImageSpec, message: string]>([
  [
    { type: "registry", ociMediaTypes: false, compression: "zstd" },
    "oci-mediatypes=false: Docker's media types have no zstd",
  ],
  [
    { type: "registry", ociMediaTypes: false, annotations: [{ key: "a", value: "b" }] },
    "oci-mediatypes=false: Docker's media types have no annotations",
  ],
  [{ type: "image", compressionLevel: 1 }, "compression-level needs compression=gzip, estargz or zstd"],
  [{ type: "registry", compressionLevel: 10 }, "expected a compression-level from 0 to 9 for gzip, found 10"],
  [
    { type: "registry", compression: "zstd", compressionLevel: 23 },
    "expected a compression-level from 0 to 22 for zstd, found 23",
  ],
])("S-175: formOf(%j) is refused", (output, message) => {
  expect(() => formOf(output)).toThrow(expect.objectContaining({ code: "usage", message }));
});

const [amd64, arm64] = [parsePlatform("linux/amd64"), parsePlatform("linux/arm64")];

test("row 235: each level and platform has its annotations; the later one and the one for a platform hold", () => {
  const all: Annotation[] = [
    { platform: "linux/arm64", key: "b", value: "arm" },
    { key: "a", value: "1" },
    { key: "a", value: "2" },
    { key: "b", value: "any" },
    { level: "index", key: "i", value: "x" },
  ];
  expect(annotationsOf(all, "manifest", amd64)).toEqual({ annotations: { a: "2", b: "any" } });
  expect(annotationsOf(all, "manifest", arm64)).toEqual({ annotations: { a: "2", b: "arm" } });
  expect(annotationsOf(all, "index")).toEqual({ annotations: { i: "x" } });
  expect(annotationsOf(all, "index-descriptor")).toEqual({});
});

test.each<[annotation: Annotation, message: string]>([
  [{ key: "", value: "x" }, "an annotation needs a key before its value"],
  [
    { platform: "linux/s390x", key: "a", value: "x" },
    'annotation "a" is for linux/s390x, and the image is for linux/amd64',
  ],
])("annotation %j of one platform is refused", (annotation, message) => {
  expect(() => checkAnnotations([annotation], [amd64])).toThrow(expect.objectContaining({ code: "usage", message }));
});

test.each<[level: Annotation["level"], allowed: string]>([
  ["manifest", "nothing index layout both"],
  ["manifest-descriptor", "index layout both"],
  ["index", "index both"],
  ["index-descriptor", "both"],
])("an annotation of level %s has a place in: %s", (level, allowed) => {
  const places = {
    nothing: { index: false, layout: false },
    index: { index: true, layout: false },
    layout: { index: false, layout: true },
    both: { index: true, layout: true },
  };
  const annotation: Annotation = { key: "a", value: "x", ...(level && { level }) };
  for (const [name, place] of Object.entries(places)) {
    const check = expect(() => checkLevels([annotation], [places.nothing, place]));
    if (allowed.split(" ").includes(name)) check.not.toThrow();
    else check.toThrow(expect.objectContaining({ code: "usage" }));
  }
});
