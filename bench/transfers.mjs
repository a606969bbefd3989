// Pushes and pulls images that are there already, against skopeo in the same run: no step runs, nothing is compressed.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { median, time } from "./measure.mjs";
import { withRegistry } from "./registry.mjs";

const IMAGES = [
  { name: "2 GiB in 8 layers", layers: 8, size: 256 << 20, repeat: 3 },
  { name: "60 small layers", layers: 60, size: 100_000, repeat: 5 },
];
/** Of skopeo's time. */
const TARGET = 0.7;

const root = join(import.meta.dirname, "..");
const tsbuild = [join(root, "bin/tsbuild"), "copy", "--quiet"];
const skopeo = ["skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false"];

/** Rows for the report; their floor is skopeo's time. */
export async function transfers(scratch) {
  const rows = [];
  for (const image of IMAGES) {
    const source = join(scratch, "source");
    makeLayout(source, image);
    rows.push(
      ...(await withRegistry(join(scratch, "registry"), (host) => measure({ ...image, source, host, scratch }))),
    );
    for (const name of [source, join(scratch, "registry")]) rmSync(name, { recursive: true });
  }
  return rows;
}

function measure({ name, repeat, source, host, scratch }) {
  const target = join(scratch, "target");
  const options = { env: { ...process.env, TSBUILD_HOME: join(scratch, "store") } };
  let count = 0;
  const push = (command) => () =>
    time([...command, `oci:${source}:image`, `docker://${host}/push-${(count += 1)}:1`], options);
  const pull = (command) => () => time([...command, `docker://${host}/push-1:1`, `oci:${target}:image`], options);
  const emptyTarget = () => rmSync(target, { recursive: true, force: true });
  const emptyStorage = () => rmSync(join(scratch, "registry/registry"), { recursive: true, force: true });
  const row = (what, before, run) => {
    process.stderr.write(`transfer: ${what} ${name}\n`);
    const floor = median(repeat, before, run(skopeo));
    const own = median(repeat, before, run(tsbuild));
    return {
      workload: "transfer",
      name: `${what} ${name}`,
      ...own,
      target: floor.wall * TARGET,
      floorSeconds: floor.wall,
    };
  };
  const rows = [row("push", emptyStorage, push)];
  count = 0;
  push(skopeo)();
  return [...rows, row("pull", emptyTarget, pull)];
}

/** An image layout whose layers are random bytes in tars in gzip, stored without compression. */
function makeLayout(directory, { layers, size }) {
  mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  const made = Array.from({ length: layers }, () => makeLayer(directory, size));
  const diff_ids = made.map(({ diffID }) => diffID);
  const config = { architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids }, history: [] };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...putJson(directory, config) },
    layers: made.map(({ diffID: _, ...layer }) => layer),
  };
  const named = { mediaType: manifest.mediaType, ...putJson(directory, manifest) };
  const annotations = { "org.opencontainers.image.ref.name": "image" };
  writeFileSync(
    join(directory, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...named, annotations }] }),
  );
  writeFileSync(join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}

function makeLayer(directory, size) {
  execFileSync("bash", ["-c", `head -c ${size} /dev/urandom >file && tar cf tar file && rm file`], { cwd: directory });
  const tar = readFileSync(join(directory, "tar"));
  const layer = gzipSync(tar, { level: 0 });
  rmSync(join(directory, "tar"));
  writeFileSync(join(directory, "blobs/sha256", sha256(layer)), layer);
  const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
  return { mediaType, digest: `sha256:${sha256(layer)}`, size: layer.length, diffID: `sha256:${sha256(tar)}` };
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function putJson(directory, value) {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = sha256(bytes);
  writeFileSync(join(directory, "blobs/sha256", hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
}
