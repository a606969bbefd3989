import { expect, test } from "vitest";
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
  ["type=image", { spec: { type: "image" }, tags: [] }],
  ["type=image,name=app:1,push=true", { spec: { type: "registry" }, tags: ["app:1"] }],
  ["type=registry", { spec: { type: "registry" }, tags: [] }],
  ["type=oci,dest=app.tar", { spec: { type: "oci", dest: "app.tar", tar: true }, tags: [] }],
  ["type=oci,dest=out,tar=false", { spec: { type: "oci", dest: "out", tar: false }, tags: [] }],
  ["TYPE=docker,dest=-", { spec: { type: "docker", dest: "-" }, tags: [] }],
  ['type=docker,dest=x,"name=a,b"', { spec: { type: "docker", dest: "x" }, tags: ["a", "b"] }],
])("parseOutput(%j)", (text, expected) => {
  expect(parseOutput(text)).toEqual(expected);
});

test.each<[text: string, message: string]>([
  ["out", "--output out: exporting the files of the image is not supported by this version"],
  ["type=local,dest=out", "--output type=local: exporting the files of the image is not supported by this version"],
  ["dest=out", "--output dest=out: type is missing"],
  ["type=oci", "--output type=oci: dest is missing"],
  ["type=oci,dest=", "--output type=oci: dest is missing"],
  ["type=squashfs", "--output type=squashfs: expected one of image, registry, oci, docker"],
  ["type=oci,dest=x,compression=zstd", "--output type=oci: compression is not supported by this version"],
  ["type=oci,dest=-,tar=false", "--output type=oci,tar=false: stdout cannot be a folder"],
  ["type=oci,dest=x,tar=no", 'invalid argument "no" for "--output tar" flag: expected true or false'],
])("parseOutput() refuses %j", (text, message) => {
  expect(() => parseOutput(text)).toThrow(expect.objectContaining({ code: "usage", message }));
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
