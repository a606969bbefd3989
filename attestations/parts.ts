// The parts that provenance of each version has: what was asked for, where its steps come from, digests.
// https://docs.docker.com/build/metadata/attestations/slsa-definitions/

import { hexOf } from "../oci/index.js";
import type { Material, ProvenanceFacts, ProvenanceOptions, ProvenanceStep } from "./facts.js";

/** Explained in docs/formats.md. */
export const BUILD_TYPE = "urn:tsbuild:dockerfile:v1";

type Mode = ProvenanceOptions["mode"];

/** As `docker buildx build` asks its daemon. Values of arguments and labels may say too much: they are for `max` (S-166). */
export function request(facts: ProvenanceFacts, mode: Mode): object {
  const { target, platform, noCache, buildArgs, labels, secrets, ssh, source } = facts;
  const isMax = mode === "max";
  const args = {
    ...(isMax && prefixed("build-arg:", buildArgs)),
    ...(isMax && prefixed("label:", labels)),
    ...(noCache && { "no-cache": "" }),
    ...(platform !== undefined && { platform }),
    ...(target !== undefined && { target }),
  };
  return {
    frontend: "dockerfile.v0",
    ...(Object.keys(args).length > 0 && { args }),
    ...(source === undefined && { locals: [{ name: "context" }, { name: "dockerfile" }] }),
    ...(isMax && secrets.length > 0 && { secrets: secrets.map((id) => ({ id, optional: true })) }),
    ...(isMax && ssh.length > 0 && { ssh: ssh.map((id) => ({ id, optional: true })) }),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** What BuildKit adds to the format. */
export function metadata({ vcs, dockerfile, steps }: ProvenanceFacts, mode: Mode): object {
  const data = Buffer.from(dockerfile.content).toString("base64");
  return {
    ...(vcs && { vcs: { ...(vcs.source !== undefined && { source: vcs.source }), revision: vcs.revision } }),
    ...(mode === "max" && {
      source: {
        locations: Object.fromEntries(
          steps.flatMap(({ lines }, position) => (lines ? [location(position, lines)] : [])),
        ),
        infos: [{ filename: dockerfile.path, language: "Dockerfile", data }],
      },
    }),
  };
}

/** The steps by which the image was made. */
export function buildConfig({ steps }: ProvenanceFacts): object {
  return { steps: steps.map(described) };
}

function described({ name, inputs }: ProvenanceStep, position: number): object {
  return { id: `step${position}`, name, inputs: inputs.map((input) => `step${input}:0`) };
}

function location(position: number, [first, last]: readonly [number, number]): [string, object] {
  const ranges = [{ start: { line: first }, end: { line: last } }];
  return [`step${position}`, { locations: [{ ranges }] }];
}

/** Where the Dockerfile and the context are, when that is not this machine. */
export function sourceOf({ source }: ProvenanceFacts): object {
  return source === undefined ? {} : withDigest(source);
}

/** What was read, each with its digest. */
export function materials({ materials: all }: ProvenanceFacts): object[] {
  return all.map(withDigest);
}

function withDigest(material: Material): object {
  return { uri: material.uri, digest: digestSet(material) };
}

function digestSet({ digest }: Material): Record<string, string> {
  return "sha1" in digest ? { sha1: digest.sha1 } : { sha256: hexOf(digest.sha256) };
}
