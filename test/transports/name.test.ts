import { describe, expect, test } from "vitest";
import { parseTransport } from "../../transports/index.js";

const digest = `sha256:${"a".repeat(64)}`;

describe("parseTransport()", () => {
  test.each([
    ["app:1", { kind: "registry", reference: { registry: "docker.io", repository: "library/app", tag: "1" } }],
    [
      "docker://reg.example/app",
      { kind: "registry", reference: { registry: "reg.example", repository: "app", tag: "latest" } },
    ],
    [
      "localhost:5000/app:1",
      { kind: "registry", reference: { registry: "localhost:5000", repository: "app", tag: "1" } },
    ],
    ["localhost/app:1", { kind: "registry", reference: { registry: "localhost", repository: "app", tag: "1" } }],
    ["store:app:1", { kind: "store", name: "docker.io/library/app:1" }],
    ["dir:/a/b:c", { kind: "directory", path: "/a/b:c" }],
    ["oci:dir", { kind: "layout", path: "dir" }],
    ["oci:/a/dir:v1", { kind: "layout", path: "/a/dir", reference: "v1" }],
    ["oci-layout:///a/dir:v1", { kind: "layout", path: "/a/dir", reference: "v1" }],
    [`oci:/a/dir@${digest}`, { kind: "layout", path: "/a/dir", reference: digest }],
    [`oci:/a/dir:v1@${digest}`, { kind: "layout", path: "/a/dir", reference: digest }],
    ["oci-archive:a.tar:v1", { kind: "oci-archive", path: "a.tar", reference: "v1" }],
    ["docker-archive:a.tar", { kind: "docker-archive", path: "a.tar" }],
    ["docker-archive:a.tar:app:1", { kind: "docker-archive", path: "a.tar", reference: "docker.io/library/app:1" }],
  ])("%s", (text, expected) => {
    expect(parseTransport(text)).toEqual(expected);
  });

  test.each([
    ["dir:", "expected a path, found none"],
    ["docker-daemon:app:1", 'the transport "docker-daemon" is not supported'],
    ["containers-storage:app:1", "is not supported"],
    ["oci:", "expected a path, found none"],
    ["oci-archive:-", 'expected the path of a file, found "-"'],
    ["docker-archive:-:app:1", 'expected the path of a file, found "-"'],
    ["docker://reg.example/UPPER", "expected a repository in lower case"],
    ["", "expected an image name"],
  ])("refuses %j", (text, message) => {
    expect(() => parseTransport(text)).toThrow(
      expect.objectContaining({ code: "bad_reference", message: expect.stringContaining(message) }),
    );
  });
});
