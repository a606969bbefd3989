import { describe, expect, test } from "vitest";
import { reportImage } from "../../commands/index.js";
import { FileTree, type LayerIndex } from "../../filesystem/index.js";
import { imageHistory, inspectImage } from "../../images/index.js";
import { measureFolders } from "../../report/folders.js";
import { findWaste } from "../../report/waste.js";
import { entries, hardlink } from "../helpers/tree.js";
import { type SampleLayer, SampleStore } from "../images/sample-store.js";

async function indexes(layers: readonly SampleLayer[]): Promise<LayerIndex[]> {
  const sample = new SampleStore();
  const { descriptor } = await sample.image({ layers });
  const { config } = await inspectImage(sample.store, descriptor.digest);
  await imageHistory(sample.store, descriptor.digest);
  return config.rootfs.diff_ids.map((diffID) => sample.store.layerIndex(diffID)!);
}

describe("findWaste() counts what a later layer hides", () => {
  test.each<[string, SampleLayer[], unknown[]]>([
    ["nothing", [{ tree: { a: "12" } }, { tree: { b: "3" } }], []],
    ["a file overwritten", [{ tree: { a: "12" } }, { tree: { a: "3" } }], [["a", "overwritten", 2, 1]]],
    ["a file deleted", [{ tree: { a: "12" } }, { deletes: ["a"] }], [["a", "deleted", 2, 1]]],
    ["a folder deleted", [{ tree: { d: { a: "12", b: "345" } } }, { deletes: ["d"] }], [["d", "deleted", 5, 1]]],
    [
      "a folder hidden",
      [{ tree: { d: { a: "12" } } }, { tree: { d: { n: "1" } }, hides: ["d"] }],
      [["d", "deleted", 2, 1]],
    ],
    ["a folder by a file", [{ tree: { d: { a: "12" } } }, { tree: { d: "f" } }], [["d", "overwritten", 2, 1]]],
    ["a folder again", [{ tree: { d: { a: "12" } } }, { tree: { d: { b: "3" } } }], []],
    ["a further name of a file", [{ tree: { a: "12", b: hardlink("a") } }, { deletes: ["b"] }], []],
    [
      "twice",
      [{ tree: { a: "1234" } }, { tree: { a: "12" } }, { deletes: ["a"] }],
      [
        ["a", "overwritten", 4, 1],
        ["a", "deleted", 2, 2],
      ],
    ],
  ])("%s", async (_, layers, expected) => {
    const waste = findWaste(await indexes(layers));
    expect(waste.paths.map(({ path, kind, bytes, layer }) => [path, kind, bytes, layer])).toEqual(expected);
    expect(waste.ofLayers.reduce((sum, bytes) => sum + bytes, 0)).toBe(waste.bytes);
  });
});

test("measureFolders() sums up what is below, to a depth, and leaves out what is small", () => {
  const x = (bytes: number) => "x".repeat(bytes);
  const deep = { a: { b: { c: { d: { e: x(500) } } } }, small: { s: x(1) }, top: x(499) };
  const folder = measureFolders(FileTree.of(entries(deep)));
  expect(folder).toMatchObject({ bytes: 1000, files: 3, folders: [{ path: "a", bytes: 500 }] });
  const [a] = folder.folders;
  expect(a!.folders[0]!.folders[0]!.folders[0]).toMatchObject({ path: "a/b/c/d", bytes: 500, folders: [] });
});

describe("reportImage()", () => {
  const NASTY = "<script>alert(1)</script>".replace("/", "\u2044");

  async function sample(): Promise<SampleStore> {
    const made = new SampleStore();
    const status = "Package: bash\nStatus: install ok installed\nVersion: 5.2\nInstalled-Size: 7\n";
    const base = { tree: { var: { lib: { dpkg: { status } } }, big: "x".repeat(3000), [NASTY]: "y".repeat(200) } };
    await made.image({ names: ["app:1"], layers: [{ ...base, by: `RUN echo "<b>" && '${NASTY}'` }] });
    await made.image({
      names: ["app:2"],
      compressed: true,
      layers: [
        { ...base, by: "RUN first" },
        { tree: { "\u202egnp.exe": "1", "new\nline": "2" }, deletes: ["big"], by: "RUN rm big" },
      ],
      config: { Labels: { "<i>": "</code><img src=x onerror=alert(1)>" } },
    });
    return made;
  }

  test("says layers, waste, files, packages and the comparison", async () => {
    const { home } = await sample();
    const page = await reportImage("app:2", { home, against: "app:1" });
    for (const text of [
      "RUN rm big",
      "3 kB",
      "deleted by layer 2",
      "bash",
      "5.2",
      "7.17 kB",
      "Against app:1",
      "1 of 2",
    ])
      expect(page).toContain(text);
    expect(page).toContain('<span class="removed">removed</span>');
  });

  test("is the same for the same images, and needs nothing from elsewhere", async () => {
    const { home } = await sample();
    const page = await reportImage("app:2", { home });
    expect(await reportImage("app:2", { home })).toBe(page);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object)\b|@import|url\(|https?:/i);
  });

  test("shows hostile names as text, and what is not seen as escapes", async () => {
    const { home } = await sample();
    const page = await reportImage("app:2", { home, against: "app:1" });
    expect(page).toContain("/&lt;script&gt;alert(1)&lt;\u2044script&gt;");
    expect(page).toContain("/\\u202egnp.exe");
    expect(page).toContain("/new\\nline");
    expect(page).toContain("&lt;/code&gt;&lt;img src=x onerror=alert(1)&gt;");
  });

  test("is well-formed: what is opened is closed, in order", async () => {
    const { home } = await sample();
    for (const against of [undefined, "app:1"]) {
      const page = await reportImage("app:2", { home, ...(against !== undefined && { against }) });
      expect(unclosed(page)).toEqual([]);
    }
  });

  test("of an empty image says that there is nothing", async () => {
    const made = new SampleStore();
    await made.image({ names: ["empty"], layers: [] });
    const page = await reportImage("empty", { home: made.home });
    expect(page).toContain("There is no file.");
    expect(unclosed(page)).toEqual([]);
  });
});

const VOID = ["meta", "!DOCTYPE"];

/** Elements of a page that are closed in no or in another order. */
function unclosed(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name] of page.matchAll(/<(\/?)([!a-zA-Z][a-zA-Z0-9]*)(?:\s+[^<>]*)?>/g)) {
    if (VOID.includes(name!)) continue;
    if (slash === "") open.push(name!);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}
