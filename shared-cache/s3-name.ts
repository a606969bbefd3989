// What a cache in S3 is called in messages and records.

import type { S3Cache } from "./spec.js";

export function s3Name({ bucket, endpointUrl, prefix = "", name = "tsbuild" }: S3Cache): string {
  return `s3 ${endpointUrl === undefined ? "" : `${new URL(endpointUrl).host}/`}${bucket}/${prefix}${name}`;
}
