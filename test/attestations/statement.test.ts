import { describe, expect, test } from "vitest";
import { attestationManifest, imageUrl, isAttestation, statementOf, subjectsOf } from "../../attestations/index.js";
import { type Descriptor, MediaType, parseManifest, parseReference, sha256 } from "../../oci/index.js";

const AMD64 = { os: "linux", architecture: "amd64" };
const IMAGE: Descriptor = { mediaType: MediaType.manifest, digest: sha256("image"), size: 5 };
const PREDICATE = { type: "https://slsa.dev/provenance/v1", content: { a: 1 } };

/** https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst#docker */
test.each([
  ["alpine:3.20", "pkg:docker/alpine@3.20?platform=linux%2Famd64"],
  ["alpine", "pkg:docker/alpine@latest?platform=linux%2Famd64"],
  ["org/app:1", "pkg:docker/org/app@1?platform=linux%2Famd64"],
  ["reg.example/org/app:1", "pkg:docker/reg.example/org/app@1?platform=linux%2Famd64"],
  ["localhost:5000/app:1", "pkg:docker/localhost%3A5000/app@1?platform=linux%2Famd64"],
])("imageUrl(%s) is %s", (name, url) => {
  expect(imageUrl(parseReference(name), AMD64)).toBe(url);
});

test("a statement names the manifest by all names of the image, or by none", () => {
  const named = JSON.parse(
    Buffer.from(
      statementOf(PREDICATE, subjectsOf(IMAGE, [parseReference("a:1"), parseReference("b:2")], AMD64)),
    ).toString(),
  );
  const digest = { sha256: sha256("image").slice(7) };
  expect(named).toEqual({
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType: "https://slsa.dev/provenance/v1",
    subject: [
      { name: "pkg:docker/a@1?platform=linux%2Famd64", digest },
      { name: "pkg:docker/b@2?platform=linux%2Famd64", digest },
    ],
    predicate: { a: 1 },
  });
  expect(subjectsOf(IMAGE, [], AMD64)).toEqual([{ name: "_", digest }]);
});

/** https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
describe("attestationManifest()", () => {
  test("as image: a config of no platform, the statements as layers, the image by annotation", () => {
    const { manifest, blobs } = attestationManifest(IMAGE, [PREDICATE], { subjects: [], form: "image" });
    expect(manifest.descriptor).toMatchObject({
      mediaType: MediaType.manifest,
      platform: { architecture: "unknown", os: "unknown" },
      annotations: {
        "vnd.docker.reference.digest": IMAGE.digest,
        "vnd.docker.reference.type": "attestation-manifest",
      },
    });
    expect(isAttestation(manifest.descriptor)).toBe(true);
    const [config, statement] = blobs;
    const parsed = parseManifest(manifest.bytes);
    expect(parsed.config).toEqual(config!.descriptor);
    expect(parsed.layers).toEqual([
      {
        mediaType: "application/vnd.in-toto+json",
        digest: statement!.descriptor.digest,
        size: statement!.bytes.length,
        annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" },
      },
    ]);
    expect(JSON.parse(Buffer.from(config!.bytes).toString())).toMatchObject({
      architecture: "unknown",
      os: "unknown",
      rootfs: { type: "layers", diff_ids: [statement!.descriptor.digest] },
    });
  });

  test("as artifact: an artifact type, the empty config, the image as subject", () => {
    const { manifest } = attestationManifest(IMAGE, [PREDICATE], { subjects: [], form: "artifact" });
    expect(parseManifest(manifest.bytes)).toMatchObject({
      artifactType: "application/vnd.docker.attestation.manifest.v1+json",
      config: { mediaType: MediaType.empty, digest: sha256("{}"), size: 2 },
      subject: IMAGE,
    });
  });
});
