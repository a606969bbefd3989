import { expect, test } from "vitest";
import { layoutUrl, provenance, type ProvenanceFacts, provenanceOfMetadataFile } from "../../attestations/index.js";
import { sha256 } from "../../oci/index.js";

const FACTS: ProvenanceFacts = {
  builder: { id: "", version: "1.0.0", platform: "linux/amd64" },
  dockerfile: { path: "Dockerfile", content: Buffer.from("FROM scratch\n") },
  target: "app",
  noCache: false,
  buildArgs: { TOKEN: "not for everybody" },
  labels: { team: "x" },
  secrets: ["npm"],
  ssh: [],
  materials: [{ uri: "pkg:docker/alpine@3?platform=linux%2Famd64", digest: { sha256: sha256("alpine") } }],
  steps: [
    { name: "[1/2] FROM alpine", inputs: [] },
    { name: "[2/2] RUN true", inputs: [0], lines: [2, 3] },
  ],
  vcs: { source: "https://git.example/app", revision: "abc" },
};

/** https://docs.docker.com/build/metadata/attestations/slsa-provenance/#mode (S-166) */
test("min: what it was made from, no values of arguments, no steps", () => {
  const { type, content } = provenance(FACTS, { mode: "min" });
  expect(type).toBe("https://slsa.dev/provenance/v1");
  expect(content).toMatchObject({
    buildDefinition: {
      externalParameters: {
        configSource: { path: "Dockerfile" },
        request: {
          frontend: "dockerfile.v0",
          args: { target: "app" },
          locals: [{ name: "context" }, { name: "dockerfile" }],
        },
      },
      resolvedDependencies: [
        { uri: "pkg:docker/alpine@3?platform=linux%2Famd64", digest: { sha256: sha256("alpine").slice(7) } },
      ],
    },
    runDetails: { metadata: { buildkit_metadata: { vcs: { source: "https://git.example/app", revision: "abc" } } } },
  });
  expect(JSON.stringify(content)).not.toMatch(/not for everybody|RUN true|npm/);
});

test("max: arguments, labels, ids of secrets, the Dockerfile and its steps too", () => {
  const { content } = provenance(FACTS, { mode: "max", reproducible: true });
  expect(content).toMatchObject({
    buildDefinition: {
      externalParameters: {
        request: {
          args: { "build-arg:TOKEN": "not for everybody", "label:team": "x", target: "app" },
          secrets: [{ id: "npm", optional: true }],
        },
      },
      internalParameters: { buildConfig: { steps: [{ id: "step0" }, { id: "step1", inputs: ["step0:0"] }] } },
    },
    runDetails: {
      metadata: {
        buildkit_metadata: {
          source: {
            infos: [{ filename: "Dockerfile", data: Buffer.from("FROM scratch\n").toString("base64") }],
            locations: { step1: { locations: [{ ranges: [{ start: { line: 2 }, end: { line: 3 } }] }] } },
          },
        },
        buildkit_reproducible: true,
      },
    },
  });
});

test("times and invocation only when they are given", () => {
  expect(JSON.stringify(provenance(FACTS, { mode: "max" }))).not.toMatch(/startedOn|invocationID/);
  const times = { started: new Date(0), finished: new Date(1000), invocation: "i1" };
  expect(provenance({ ...FACTS, times }, { mode: "min" }).content).toMatchObject({
    runDetails: {
      metadata: { invocationID: "i1", startedOn: "1970-01-01T00:00:00.000Z", finishedOn: "1970-01-01T00:00:01.000Z" },
    },
  });
});

test("row 243: version v0.2 has the fields of the older format", () => {
  const times = { started: new Date(0), finished: new Date(1000), invocation: "i1" };
  const { type, content } = provenance({ ...FACTS, times }, { mode: "max", version: "v0.2" });
  expect(type).toBe("https://slsa.dev/provenance/v0.2");
  expect(content).toMatchObject({
    builder: { id: "" },
    materials: [{ uri: "pkg:docker/alpine@3?platform=linux%2Famd64", digest: { sha256: sha256("alpine").slice(7) } }],
    invocation: {
      configSource: { entryPoint: "Dockerfile" },
      parameters: { frontend: "dockerfile.v0", args: { "build-arg:TOKEN": "not for everybody", target: "app" } },
      environment: { platform: "linux/amd64" },
    },
    buildConfig: { steps: [{ id: "step0" }, { id: "step1", inputs: ["step0:0"] }] },
    metadata: {
      buildInvocationID: "i1",
      buildStartedOn: "1970-01-01T00:00:00.000Z",
      buildFinishedOn: "1970-01-01T00:00:01.000Z",
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
      "https://mobyproject.org/buildkit@v1#metadata": { vcs: { revision: "abc" } },
    },
  });
  const min = JSON.stringify(provenance(FACTS, { mode: "min", version: "v0.2" }).content);
  expect(min).not.toMatch(/not for everybody|RUN true|npm/);
});

test("row 226: the metadata file has all parameters; min leaves out steps and metadata", () => {
  const max = provenanceOfMetadataFile({ ...FACTS, builder: { ...FACTS.builder, id: "https://ci.example" } }, "max");
  expect(Object.keys(max)).toEqual(["builder", "buildType", "materials", "invocation", "buildConfig", "metadata"]);
  const min = provenanceOfMetadataFile(FACTS, "min");
  expect(Object.keys(min)).toEqual(["buildType", "materials", "invocation"]);
  expect(min).toHaveProperty(["invocation", "parameters", "args", "build-arg:TOKEN"]);
});

test.each(["base", "localhost:5000/org/base:1", "Base@sha256:abc"])(
  "an image of a layout is a package by its digest: %s",
  (name) => {
    const digest = sha256("layout");
    const version = digest.replace(":", "%3A");
    expect(layoutUrl(name, digest, { os: "linux", architecture: "amd64" })).toBe(
      `pkg:oci/base@${version}?platform=linux%2Famd64`,
    );
  },
);
