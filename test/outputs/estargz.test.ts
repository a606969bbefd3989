import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { indexLayer } from "../../filesystem/index.js";
import { sha256 } from "../../oci/index.js";
import { CHUNK, estargzLayer } from "../../outputs/estargz/write.js";
import { directory, entries, file, hardlink, symlink } from "../helpers/tree.js";
import { Stack } from "./stack.js";

const BIG = "0123456789".repeat(Math.ceil((CHUNK * 2.5) / 10));

async function layerInEstargz(stack: Stack) {
  const literal = {
    big: file(BIG),
    dir: directory({ small: file("small", { mode: 0o600, uid: 7, gid: 8 }), empty: "", link: symlink("small") }),
    same: hardlink("big"),
  };
  const changes = [{ path: "gone", type: "whiteout" as const }, ...entries(literal)];
  const layer = await stack.layer(changes, { big: BIG, "dir/small": "small", "dir/empty": "" });
  const options = { store: stack.store, contents: stack.contents([layer]) };
  const made = await estargzLayer(layer, options);
  return { layer, made, options, blob: readFileSync(stack.store.blobs.path(made.blob.digest)) };
}

type TocEntry = Record<string, unknown> & { readonly name: string; readonly type: string };

/** As the specification has a reader begin: at the footer, from there to the table. */
function readTable(blob: Buffer): { readonly entries: readonly TocEntry[]; readonly json: Buffer } {
  const footer = blob.subarray(-51);
  expect(footer.subarray(0, 4).toString("hex")).toBe("1f8b0804");
  expect(footer.toString("latin1", 12, 16)).toBe("SG\x16\0");
  expect(footer.toString("latin1", 32, 38)).toBe("STARGZ");
  expect(gunzipSync(footer)).toHaveLength(0);
  const tar = gunzipSync(blob.subarray(Number.parseInt(footer.toString("latin1", 16, 32), 16), -51));
  expect(tar.toString("latin1", 0, 17)).toBe("stargz.index.json");
  const json = tar.subarray(512, 512 + Number.parseInt(tar.toString("latin1", 124, 135), 8));
  return { entries: (JSON.parse(json.toString()) as { entries: TocEntry[] }).entries, json };
}

/** The first bytes of the member at `offset`: what comes after them is the rest of the tar. */
function chunkAt(blob: Buffer, offset: number, size: number): Buffer {
  return gunzipSync(blob.subarray(offset, -51)).subarray(0, size);
}

test("row 230: the table leads to each piece of each file", async () => {
  const { made, blob } = await layerInEstargz(new Stack());
  const table = readTable(blob);
  expect(made.blob.annotations).toMatchObject({
    "containerd.io/snapshot/stargz/toc.digest": sha256(table.json),
    "io.containers.estargz.uncompressed-size": String(gunzipSync(blob).length),
  });
  expect(table.entries.map(({ type, name }) => `${type} ${name}`)).toEqual([
    "reg .no.prefetch.landmark",
    "reg .wh.gone",
    "reg big",
    "chunk big",
    "chunk big",
    "dir dir/",
    "reg dir/empty",
    "symlink dir/link",
    "reg dir/small",
    "hardlink same",
  ]);
  const pieces = table.entries.filter(({ name }) => name === "big");
  const parts = pieces.map((piece) => {
    const start = (piece["chunkOffset"] as number | undefined) ?? 0;
    const size = (piece["chunkSize"] as number | undefined) ?? BIG.length - start;
    const bytes = chunkAt(blob, piece["offset"] as number, size);
    expect(sha256(bytes)).toBe(piece["chunkDigest"]);
    return bytes;
  });
  expect(Buffer.concat(parts).toString()).toBe(BIG);
  expect(pieces[0]).toMatchObject({
    size: BIG.length,
    digest: sha256(BIG),
    mode: 0o644,
    modtime: "2001-09-09T01:46:40Z",
  });
  expect(table.entries.find(({ name }) => name === "dir/small")).toMatchObject({ uid: 7, gid: 8, size: 5 });
  expect(table.entries.find(({ name }) => name === "same")).toMatchObject({ linkName: "big" });
});

test("a reader that knows gzip and tar only reads the same files, a landmark and the table", async () => {
  const stack = new Stack();
  const { layer, made, blob } = await layerInEstargz(stack);
  const path = join(stack.path, "layer.tar.gz");
  writeFileSync(path, blob);
  const names = execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).trim().split("\n");
  expect(names).toEqual([
    ".no.prefetch.landmark",
    ".wh.gone",
    "big",
    "dir/",
    "dir/empty",
    "dir/link",
    "dir/small",
    "same",
    "stargz.index.json",
  ]);
  const plain = gunzipSync(blob);
  expect(made.diffID).toBe(`sha256:${createHash("sha256").update(plain).digest("hex")}`); // S-158
  const index = await indexLayer(
    (async function* () {
      yield plain;
    })(),
  );
  const own = stack.index(layer).changes;
  expect(index.changes.filter(({ path: name }) => own.some((change) => change.path === name))).toHaveLength(own.length);
});

test("what was converted once is found again, and is the same wherever it is made (S-174)", async () => {
  const stack = new Stack();
  const { layer, made, options, blob } = await layerInEstargz(stack);
  expect(await estargzLayer(layer, options)).toEqual(made);
  const other = await layerInEstargz(new Stack());
  expect(other.blob.equals(blob)).toBe(true);
});
