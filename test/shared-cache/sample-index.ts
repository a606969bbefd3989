// An index as a small build would leave it.

import { sha256 } from "../../oci/index.js";
import type { CacheIndex, SharedRecord } from "../../shared-cache/format.js";

export function sampleRecord(name: string, layer?: number): SharedRecord {
  return {
    key: sha256(`key ${name}`).slice("sha256:".length),
    step: `RUN ${name}`,
    diffID: sha256(`tar ${name}`),
    content: sha256(`content ${name}`),
    size: 1024,
    created: "2026-01-01T00:00:00.000Z",
    duration: 12,
    ...(layer !== undefined && { layer }),
  };
}

export function sampleIndex(scope = ""): CacheIndex {
  return {
    version: 1,
    scope,
    groups: [
      {
        platform: "linux/amd64",
        target: "",
        dockerfile: "Dockerfile",
        records: [sampleRecord("make", 0), sampleRecord("test")],
      },
    ],
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: sha256("gzip make"), size: 200 }],
  };
}
