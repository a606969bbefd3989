import { expect, test } from "vitest";
import { parseAnnotation } from "../../../cli/flags/annotation-spec.js";
import { parseOutput } from "../../../cli/flags/output-spec.js";
import { parseSecret, parseSsh } from "../../../cli/flags/secret-spec.js";
import { splitFields } from "../../../cli/flags/values.js";

test.each<[line: string, fields: string[]]>([
  ["", [""]],
  ["a", ["a"]],
  ["a,b", ["a", "b"]],
  ["a,", ["a", ""]],
  [",a", ["", "a"]],
  ['"a,b",c', ["a,b", "c"]],
  ['"dest=a ""b"".tar",x', ['dest=a "b".tar', "x"]],
  ['""', [""]],
])("splitFields(%j)", (line, fields) => {
  expect(splitFields(line, "--output")).toEqual(fields);
});

test.each(['a"b', '"a', '"a"b', '"a",b"'])("splitFields() refuses %j", (line) => {
  expect(() => splitFields(line, "--output")).toThrow(
    `invalid argument "${line}" for "--output" flag: a quote is out of place`,
  );
});

test.each<[text: string, expected: object]>([
  ["type=image", { type: "image" }],
  ["type=image,name=app:1,push=true", { type: "image", names: ["app:1"], push: true }],
  ["type=image,store=false,push-by-digest=true", { type: "image", store: false, pushByDigest: true }],
  ["type=registry,name-canonical=true", { type: "registry", nameCanonical: true }],
  ["type=oci,dest=app.tar", { type: "oci", dest: "app.tar", tar: true }],
  ["type=oci,dest=out,tar=false", { type: "oci", dest: "out", tar: false }],
  ["TYPE=docker,dest=-", { type: "docker", dest: "-", tar: true }],
  ["type=docker", { type: "docker", tar: true }],
  ['type=docker,dest=x,"name=a,b"', { type: "docker", dest: "x", names: ["a", "b"], tar: true }],
  ["out/dir", { type: "local", dest: "out/dir" }],
  ["-", { type: "tar", dest: "-" }],
  ["type=tar", { type: "tar", dest: "-" }],
  [
    "type=local,dest=d,mode=delete,platform-split=0",
    { type: "local", dest: "d", mode: "delete", platformSplit: false },
  ],
  ["type=cacheonly", { type: "cacheonly" }],
  ["type=docker,context=remote", { type: "docker", tar: true, context: "remote" }],
  ["type=registry,registry.insecure=true", { type: "registry", insecure: true }],
  ["type=image,dangling-name-prefix=none", { type: "image", danglingNamePrefix: "none" }],
  ["type=image,unpack=false,attestation-inline=true,prefer-nondist-layers=false", { type: "image" }],
  [
    "type=image,compression=zstd,compression-level=19,force-compression=true,rewrite-timestamp=true,oci-mediatypes=true",
    {
      type: "image",
      compression: "zstd",
      compressionLevel: 19,
      forceCompression: true,
      rewriteTimestamp: true,
      ociMediaTypes: true,
    },
  ],
  [
    "type=image,annotation.A.b=c=d,annotation-index.x=y,annotation-manifest[linux/arm64].z=",
    {
      type: "image",
      annotations: [
        { level: "manifest", key: "A.b", value: "c=d" },
        { level: "index", key: "x", value: "y" },
        { level: "manifest", platform: "linux/arm64", key: "z", value: "" },
      ],
    },
  ],
])("parseOutput(%j)", (text, expected) => {
  expect(parseOutput(text)).toEqual(expected);
});

test.each<[text: string, message: string]>([
  ["dest=out", "--output dest=out: type is missing"],
  ["type=oci", "--output type=oci: dest is missing"],
  ["type=oci,dest=", "--output type=oci: dest is missing"],
  ["type=squashfs", "--output type=squashfs: expected one of image, registry, oci, docker, local, tar, cacheonly"],
  ["type=oci,dest=x,compression=lz4", "--output compression=lz4: expected one of uncompressed, gzip, estargz, zstd"],
  ["type=oci,dest=x,compression-level=x", "--output compression-level=x: expected a whole number from 0"],
  ["type=image,unpack=true", "--output type=image: unpack is not supported by this version"],
  [
    "type=oci,dest=x,attestation-inline=false",
    "--output type=oci: attestation-inline is not supported by this version",
  ],
  ["type=image,buildinfo=true", "--output type=image: buildinfo is not supported by this version"],
  ["type=image,compression=zstd:chunked", "--output compression=zstd:chunked is not supported by this version"],
  ["type=local,dest=x,compression=gzip", "--output type=local: compression is not supported by this version"],
  ["type=local,dest=-", "--output type=local: stdout cannot be a folder"],
  ["type=local,dest=x,mode=move", "--output mode=move: expected copy or delete"],
  ["type=tar,dest=x,annotation.a=b", "--output type=tar: annotation.a is not supported by this version"],
  [
    "type=image,annotation-config.a=b",
    '--annotation annotation-config.a: expected one of manifest, index, manifest-descriptor, index-descriptor before the key, found "config"',
  ],
  ["type=docker,tar=false", "--output type=docker,tar=false: dest is missing"],
  ["type=oci,dest=-,tar=false", "--output type=oci,tar=false: stdout cannot be a folder"],
  ["type=oci,dest=x,tar=no", 'invalid argument "no" for "--output tar" flag: expected true or false'],
])("parseOutput() refuses %j", (text, message) => {
  expect(() => parseOutput(text)).toThrow(expect.objectContaining({ code: "usage", message }));
});

test.each<[text: string, expected: object[]]>([
  ["a=b", [{ level: "manifest", key: "a", value: "b" }]],
  ["index:a.b/c=d:e=f", [{ level: "index", key: "a.b/c", value: "d:e=f" }]],
  [
    "index,manifest[linux/amd64]:k=v",
    [
      { level: "index", key: "k", value: "v" },
      { level: "manifest", platform: "linux/amd64", key: "k", value: "v" },
    ],
  ],
  ["manifest-descriptor:k=", [{ level: "manifest-descriptor", key: "k", value: "" }]],
])("parseAnnotation(%j)", (text, expected) => {
  expect(parseAnnotation(text)).toEqual(expected);
});

test.each(["a", "=b", "nothing:a=b", "index[linux/amd64]:a=b", "index:=b"])("parseAnnotation() refuses %j", (text) => {
  expect(() => parseAnnotation(text)).toThrow(expect.objectContaining({ code: "usage" }));
});

test.each<[text: string, expected: [string, object]]>([
  ["id=npmrc,src=/home/me/.npmrc", ["npmrc", { file: "/home/me/.npmrc" }]],
  ["id=a,source=b", ["a", { file: "b" }]],
  ["id=a,env=TOKEN", ["a", { env: "TOKEN" }]],
  ["type=env,id=TOKEN", ["TOKEN", { env: "TOKEN" }]],
  ["type=env,id=a,src=TOKEN", ["a", { env: "TOKEN" }]],
  ["type=file,id=TOKEN", ["TOKEN", { file: "TOKEN" }]],
  ["id=TOKEN", ["TOKEN", { env: "TOKEN" }]],
  ["id=OTHER", ["OTHER", { file: "OTHER" }]],
  ['id=a,"src=b,c"', ["a", { file: "b,c" }]],
])("parseSecret(%j)", (text, expected) => {
  expect(parseSecret(text, { TOKEN: "x" })).toEqual(expected);
});

test.each<[text: string, message: string]>([
  ["src=x", '--secret "src=x": id is missing'],
  ["npmrc", '--secret "npmrc": expected NAME=VALUE, found "npmrc"'],
  ["id=a,scr=b", '--secret: no field is named "scr"'],
  ["id=a,type=vault", "--secret type=vault: expected file or env"],
])("parseSecret() refuses %j", (text, message) => {
  expect(() => parseSecret(text, {})).toThrow(expect.objectContaining({ code: "usage", message }));
});

test("parseSsh() takes the agent of the environment, a socket, or keys", () => {
  expect(parseSsh("default", { SSH_AUTH_SOCK: "/agent" })).toEqual(["default", ["/agent"]]);
  expect(parseSsh("git=/other", { SSH_AUTH_SOCK: "/agent" })).toEqual(["git", ["/other"]]);
  expect(() => parseSsh("default", {})).toThrow("--ssh default: SSH_AUTH_SOCK is not set");
  expect(parseSsh("keys=a,b", {})).toEqual(["keys", ["a", "b"]]);
});
