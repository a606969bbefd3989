// Caches in S3, against s3rver and the examples of Amazon's documentation.

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { openPlace } from "../../shared-cache/open-place.js";
import { EMPTY_PAYLOAD, signedHeaders } from "../../shared-cache/places/s3/signature.js";
import type { S3Cache } from "../../shared-cache/index.js";
import { BUCKET, KEYS, type S3Server, startS3 } from "../helpers/s3-server.js";
import { blobStoreSuite } from "../suites/blob-store.js";
import { sampleIndex } from "./sample-index.js";

let server: S3Server;
beforeAll(async () => void (server = await startS3()));
afterAll(() => server.stop());

const openRepository = () => Promise.reject(new Error("no registry"));
const open = (options: Partial<S3Cache> = {}, env: NodeJS.ProcessEnv = {}) =>
  openPlace(
    { type: "s3", bucket: BUCKET, endpointUrl: server.url, ...(Object.keys(env).length === 0 && KEYS), ...options },
    { openRepository, env },
  );

test("signedHeaders() signs as the example of the documentation", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Bucket Lifecycle"
  const request = {
    method: "GET",
    url: new URL("https://examplebucket.s3.amazonaws.com/?lifecycle"),
    payload: EMPTY_PAYLOAD,
    region: "us-east-1",
    now: Date.parse("2013-05-24T00:00:00Z"),
  };
  const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  expect(signedHeaders(request, keys).authorization).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date, " +
      "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  );
});

describe("row 259: its blobs", () => blobStoreSuite(() => open().blobs));

test("row 259: an index is found under its name, and nothing under another one", async () => {
  const place = open({ name: "main", prefix: "team a/" });
  expect(await place.readIndex({})).toBeUndefined();
  const index = sampleIndex();
  await place.writeIndex(index, {});
  expect(await open({ name: "main", prefix: "team a/" }).readIndex({})).toEqual(index);
  expect(await open({ name: "pr", prefix: "team a/" }).readIndex({})).toBeUndefined();
  expect(server.requests).toContain("PUT /ci/team a/manifests/main");
});

test("row 259: the keys of the environment are used, and wrong ones refused by name", async () => {
  const env = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER", AWS_REGION: "eu-west-1" };
  expect(await open({}, env).readIndex({})).toBeUndefined();
  const bytes = randomBytes(10);
  const blob = { mediaType: "text/plain", digest: sha256(bytes), size: 10 };
  const wrong = open({}, { ...env, AWS_SECRET_ACCESS_KEY: "wrong" });
  await expect(wrong.blobs.put(blob, Readable.from([bytes]))).rejects.toMatchObject({
    code: "cache_unavailable",
    message: expect.stringMatching(/answered 403 to PUT .*SignatureDoesNotMatch/) as string,
    hint: "Check the credentials, and that they may read and write this cache.",
  });
});

test.each([
  ["no region", { endpointUrl: undefined }, "a cache of type s3 needs a region"],
  ["half of the keys", { accessKeyId: "a", secretAccessKey: undefined }, "an access key without its secret"],
])("row 259: %s is refused before anything is sent", async (_, options, message) => {
  const place = open(options as unknown as Partial<S3Cache>);
  await expect(place.readIndex({})).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(message) as string,
  });
});

test("a server that is not there is said", async () => {
  const place = open({ endpointUrl: "http://127.0.0.1:1" });
  await expect(place.readIndex({})).rejects.toMatchObject({ code: "cache_unavailable", message: /refused/ });
});
