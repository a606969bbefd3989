import { describe, expect, test } from "vitest";
import { parseCacheFrom, parseCacheTo } from "../../../cli/flags/cache-spec.js";

describe("parseCacheFrom()", () => {
  const table: readonly (readonly [string, object])[] = [
    ["localhost:5000/app:cache", { type: "registry", ref: "localhost:5000/app:cache" }],
    ["type=registry,ref=app:cache,scope=main", { type: "registry", ref: "app:cache", scope: "main" }],
    ["type=local,src=dir", { type: "local", directory: "dir" }],
    ['type=local,"src=a,b",tag=x', { type: "local", directory: "a,b", tag: "x" }],
    ["type=local,src=dir,digest=sha256:1", { type: "local", directory: "dir", digest: "sha256:1" }],
    ["type=gha", { type: "gha" }],
    ["type=gha,url_v2=https://x/,token=t,scope=s", { type: "gha", url: "https://x/", token: "t", scope: "s" }],
    [
      "type=s3,bucket=b,region=r,name=n,prefix=p/,endpoint_url=http://x:9000,use_path_style=false,access_key_id=k,secret_access_key=s",
      {
        type: "s3",
        bucket: "b",
        region: "r",
        name: "n",
        prefix: "p/",
        endpointUrl: "http://x:9000",
        usePathStyle: false,
        accessKeyId: "k",
        secretAccessKey: "s",
      },
    ],
  ];
  test.each(table)("reads %s", (text, expected) => {
    expect(parseCacheFrom(text)).toEqual(expected);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["", 'expected NAME=VALUE, found ""', ""],
    ["ref=app:cache", "type is missing", "Add type= with one of registry, local, gha, s3."],
    ["type=registry", "ref is missing", 'Add "ref=REGISTRY/REPOSITORY:TAG".'],
    ["type=local,dest=x", "dest is not supported", 'Did you mean "src"?'],
    ["type=registry,reff=x", "reff is not supported", 'Did you mean "ref"?'],
    ["type=inline", "type=inline: expected one of", 'Read the cache of an image with "type=registry,ref=IMAGE".'],
    ["type=azblob", "type=azblob: expected one of", "Use type=registry, which Azure's container registry takes too."],
    ["type=s3", "bucket is missing", 'Add "bucket=NAME".'],
    [
      "type=s3,bucket=b,endpoint_url=minio",
      "endpoint_url=minio: expected a URL",
      'Write it in full: "https://minio.example:9000".',
    ],
  ];
  test.each(wrong)("refuses %s", (text, message, hint) => {
    expect(() => parseCacheFrom(text)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining(message) as string }),
    );
    if (hint !== "") expect(() => parseCacheFrom(text)).toThrow(expect.objectContaining({ hint }));
  });
});

describe("parseCacheTo()", () => {
  const table: readonly (readonly [string, object])[] = [
    ["app:cache", { type: "registry", ref: "app:cache", ignoreError: false }],
    ["type=inline", { type: "inline" }],
    [
      "type=registry,ref=app:cache,mode=max,ignore-error=true,image-manifest=true,oci-mediatypes=true",
      { type: "registry", ref: "app:cache", mode: "max", ignoreError: true },
    ],
    [
      "type=local,dest=d,compression=zstd,compression-level=9,force-compression=true",
      {
        type: "local",
        directory: "d",
        ignoreError: false,
        compression: "zstd",
        compressionLevel: 9,
        forceCompression: true,
      },
    ],
    ["type=gha,mode=min", { type: "gha", mode: "min", ignoreError: false }],
    ["type=s3,bucket=b,compression=uncompressed", { type: "s3", bucket: "b", ignoreError: false, compression: "none" }],
  ];
  test.each(table)("reads %s", (text, expected) => {
    expect(parseCacheTo(text)).toEqual(expected);
  });

  test.each([
    ["type=local,src=x", "src is not supported"],
    ["type=inline,mode=max", "mode is not supported"],
    ["app:cache,mode=max", 'expected NAME=VALUE, found "app:cache"'],
    ["type=registry,ref=a,mode=most", "mode=most: expected min or max"],
    ["type=registry,ref=a,image-manifest=false", "image-manifest=false: a cache is an OCI image manifest"],
    ["type=registry,ref=a,oci-mediatypes=false", "oci-mediatypes=false: a cache is an OCI image manifest"],
    ["type=registry,ref=a,compression=lzma", "compression=lzma: expected one of gzip, zstd, uncompressed"],
    ["type=registry,ref=a,compression-level=best", "compression-level=best: expected a number"],
    ["type=s3,bucket=b,touch_refresh=1h", "touch_refresh is not supported"],
    ["type=registry,ref=a,ignore-error=maybe", "expected true or false"],
  ])("refuses %s", (text, message) => {
    expect(() => parseCacheTo(text)).toThrow(message);
  });
});
