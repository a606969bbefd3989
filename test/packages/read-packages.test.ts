import { closeSync, openSync, readSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Entry, FileTree } from "../../filesystem/index.js";
import { type PackageFiles, packageUrl, readOsRelease, readPackages } from "../../packages/index.js";

const NOTHING = { uid: 0, gid: 0, mtime: 0, mtimeNs: 0 } as const;

/** Files by path: text, or the path of a program of this machine. */
function filesOf(contents: Readonly<Record<string, string | { readonly program: string }>>): PackageFiles {
  const sizeOf = (content: string | { readonly program: string }) =>
    typeof content === "string" ? Buffer.byteLength(content) : statSync(content.program).size;
  const entries = Object.entries(contents).map(([path, content]): Entry => ({
    ...NOTHING,
    path,
    type: "file",
    mode: 0o755,
    size: sizeOf(content),
  }));
  return {
    tree: FileTree.of(entries),
    read: async ({ path, size }, { start, length } = { start: 0, length: size }) => {
      const content = contents[path]!;
      if (typeof content === "string") return Buffer.from(content).subarray(start, start + length);
      const bytes = Buffer.alloc(length);
      const fd = openSync(content.program, "r");
      const count = readSync(fd, bytes, 0, length, start);
      closeSync(fd);
      return bytes.subarray(0, count);
    },
  };
}

const names = async (files: PackageFiles) =>
  (await readPackages(files)).map(({ type, name, version }) => `${type} ${name} ${version}`);

describe("readPackages()", () => {
  test("dpkg: what is installed, with source and size; not what was removed", async () => {
    const status = [
      "Package: bash\nStatus: install ok installed\nInstalled-Size: 7000\nMaintainer: M <m@example.com>\nArchitecture: amd64\nVersion: 5.2-1\nDescription: shell\n more of it: here\n",
      "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
      "Package: libc6\nStatus: install ok installed\nSource: glibc (2.36)\nArchitecture: amd64\nVersion: 2.36-9\n",
    ].join("\n");
    const files = filesOf({ "var/lib/dpkg/status": status });
    expect(await readPackages(files)).toEqual([
      {
        type: "deb",
        name: "bash",
        version: "5.2-1",
        from: "var/lib/dpkg/status",
        architecture: "amd64",
        supplier: "M <m@example.com>",
        size: 7_168_000,
      },
      {
        type: "deb",
        name: "libc6",
        version: "2.36-9",
        from: "var/lib/dpkg/status",
        architecture: "amd64",
        source: "glibc",
      },
    ]);
  });

  test("dpkg: a file for each package, as distroless images have it", async () => {
    const files = filesOf({
      "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 2024a\nArchitecture: all\n",
      "var/lib/dpkg/status.d/tzdata.md5sums": "abc  usr/share/zoneinfo/UTC\n",
    });
    expect(await names(files)).toEqual(["deb tzdata 2024a"]);
  });

  test("apk", async () => {
    const files = filesOf({
      "lib/apk/db/installed": "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nI:667648\nL:MIT\no:musl\n",
    });
    expect(await readPackages(files)).toEqual([
      {
        type: "apk",
        name: "musl",
        version: "1.2.5-r0",
        from: "lib/apk/db/installed",
        architecture: "x86_64",
        license: "MIT",
        size: 667_648,
      },
    ]);
  });

  test("npm: packages and scoped ones, wherever they are; no fixtures of tests, nothing damaged", async () => {
    const files = filesOf({
      "app/node_modules/left-pad/package.json": '{"name":"left-pad","version":"1.3.0","license":"WTFPL"}',
      "app/node_modules/@a/b/package.json": '{"name":"@a/b","version":"2.0.0"}',
      "app/node_modules/@a/b/node_modules/c/package.json": '{"name":"c","version":"0.1.0"}',
      "app/node_modules/left-pad/test/package.json": '{"name":"fixture","version":"9.9.9"}',
      "app/node_modules/broken/package.json": "{",
      "app/node_modules/esm/package.json": '{"type":"module"}',
      "app/package.json": '{"name":"app","version":"1.0.0"}',
    });
    expect(await names(files)).toEqual(["npm @a/b 2.0.0", "npm c 0.1.0", "npm left-pad 1.3.0"]);
  });

  test("Python: wheels and eggs", async () => {
    const files = filesOf({
      "v/site-packages/Flask_Cors-4.0.0.dist-info/METADATA":
        "Metadata-Version: 2.1\nName: Flask-Cors\nVersion: 4.0.0\nLicense: MIT\n\nName: not this\n",
      "v/site-packages/six.egg-info/PKG-INFO": "Name: six\nVersion: 1.16.0\nLicense: UNKNOWN\n",
    });
    expect(await names(files)).toEqual(["pypi Flask-Cors 4.0.0", "pypi six 1.16.0"]);
  });

  test("Go: modules of a real program, and its standard library; nothing of a C program", async () => {
    const tsc = `node_modules/@typescript/typescript-linux-${process.arch}/lib/tsc`;
    const files = filesOf({ "bin/tsc": { program: tsc }, "bin/git": { program: "/usr/bin/git" } });
    const found = await readPackages(files);
    expect(new Set(found.map(({ from }) => from))).toEqual(new Set(["bin/tsc"]));
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["stdlib", "github.com/microsoft/typescript-go", "golang.org/x/sys"]),
    );
  });

  test("nothing of an empty image", async () => {
    expect(await readPackages(filesOf({}))).toEqual([]);
  });
});

test("readOsRelease() takes quotes away", async () => {
  const files = filesOf({ "usr/lib/os-release": 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n' });
  expect(await readOsRelease(files)).toEqual({ id: "debian", version: "12" });
});

/** https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst */
test.each([
  [
    { type: "deb", name: "bash", version: "5.2-1+b1", architecture: "amd64" },
    "pkg:deb/debian/bash@5.2-1%2Bb1?arch=amd64&distro=debian-12",
  ],
  [{ type: "npm", name: "@scope/name", version: "1.0.0" }, "pkg:npm/%40scope/name@1.0.0"],
  [{ type: "pypi", name: "Flask_Cors", version: "4.0" }, "pkg:pypi/flask-cors@4.0"],
  [{ type: "golang", name: "golang.org/x/sys", version: "v0.1.0" }, "pkg:golang/golang.org/x/sys@v0.1.0"],
] as const)("packageUrl(%j) is %s", (found, url) => {
  expect(packageUrl({ ...found, from: "x" }, { id: "debian", version: "12" })).toBe(url);
});
