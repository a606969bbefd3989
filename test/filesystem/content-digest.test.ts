import { describe, expect, test } from "vitest";
import { contentDigest, datesDigest, type Entry, type LayerChange, withDates } from "../../filesystem/index.js";
import { FileHasher } from "../../filesystem/content-digest.js";
import { sha256 } from "../../oci/index.js";
import { device, entries, hardlink, symlink } from "../helpers/tree.js";

const [leaf] = entries({ f: "content" }) as [Entry];
const link = entries({ l: symlink("a") })[0]!;

describe("contentDigest()", () => {
  test("is the sha256 of one line of JSON for each change", () => {
    const changes: LayerChange[] = [{ path: "gone", type: "whiteout" }, leaf, link, ...entries({ n: device(1, 3) })];
    const lines = [
      `["gone","whiteout"]`,
      `["f","file",420,0,0,7,"${leaf.digest}"]`,
      `["l","symlink",511,0,0,"a"]`,
      `["n","character",384,0,0,1,3]`,
    ];
    expect(contentDigest(changes)).toBe(sha256(lines.map((line) => `${line}\n`).join("")));
  });

  test("does not count times and offsets (S-189)", () => {
    expect(contentDigest([{ ...leaf, mtime: 1, mtimeNs: 2, offset: 512 }])).toBe(contentDigest([leaf]));
  });

  test("has times that were set on purpose beside it", () => {
    const dated: Entry = { ...leaf, mtime: 1, mtimeNs: 2, isDated: true };
    expect(contentDigest([dated])).toBe(contentDigest([leaf]));
    expect(datesDigest([leaf])).toBeUndefined();
    expect(datesDigest([leaf, dated])).toBe(sha256('["f",1,2]\n'));
    expect(withDates(contentDigest([leaf]), undefined)).toBe(contentDigest([leaf]));
    expect(withDates(contentDigest([leaf]), datesDigest([dated]))).not.toBe(contentDigest([leaf]));
  });

  const variants: readonly (readonly [string, LayerChange[]])[] = [
    ["path", [{ ...leaf, path: "g" }]],
    ["mode", [{ ...leaf, mode: 0o600 }]],
    ["owner", [{ ...leaf, uid: 1 }]],
    ["group", [{ ...leaf, gid: 1 }]],
    ["content", [{ ...leaf, digest: sha256("other") }]],
    ["xattrs", [{ ...leaf, xattrs: new Map([["user.a", Uint8Array.of(1)]]) }]],
    ["type", [link]],
    ["symlink's target (S-190)", [{ ...link, target: "b" }]],
    ["order", entries({ f: "content", g: "" }).reverse()],
    ["number", entries({ f: "content", g: "" })],
    ["hard link's target (S-190)", entries({ f: "content", g: hardlink("f") })],
    ["being a file of its own", entries({ f: "content", g: "content" })],
    ["a whiteout", [{ path: "f", type: "whiteout" }]],
    ["an opaque mark", [{ path: "f", type: "opaque" }]],
    ["a name that is not UTF-8", [{ ...leaf, path: "\udc80" }]],
    ["another name that is not UTF-8", [{ ...leaf, path: "\udc81" }]],
  ];

  test("counts everything else", () => {
    const digests = [[leaf], ...variants.map(([, changes]) => changes)].map(contentDigest);
    expect(new Set(digests).size).toBe(variants.length + 1);
  });

  test("does not depend on the order of xattrs", () => {
    const [a, b] = [
      ["user.a", Uint8Array.of(1)],
      ["user.b", Uint8Array.of(2)],
    ] as const;
    expect(contentDigest([{ ...leaf, xattrs: new Map([a, b]) }])).toBe(
      contentDigest([{ ...leaf, xattrs: new Map([b, a]) }]),
    );
  });
});

test.each([[["abc"]], [["a", "bc"]], [["", "abc"]], [[]]])("FileHasher digests %j", (parts) => {
  const hasher = new FileHasher();
  hasher.begin(parts.join("").length);
  for (const part of parts) hasher.update(Buffer.from(part));
  expect(hasher.end()).toBe(sha256(parts.join("")));
});
