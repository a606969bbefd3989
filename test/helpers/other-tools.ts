// What other programs make of an image: skopeo reads it, umoci unpacks it, crun and runc run it.

import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SkopeoImage {
  readonly Digest: string;
  readonly Architecture: string;
  readonly Layers: readonly string[];
  readonly Env: readonly string[];
}

/** @param image `oci:DIR:TAG`, `oci-archive:FILE`, `docker-archive:FILE` or `docker://localhost:PORT/NAME:TAG` */
export function skopeoInspect(image: string): SkopeoImage {
  const plain = image.startsWith("docker:") ? ["--tls-verify=false"] : [];
  return JSON.parse(execFileSync("skopeo", ["inspect", ...plain, image], { encoding: "utf8" })) as SkopeoImage;
}

/** Unpacks `layout`'s image `tag` as a runtime bundle. @returns the directory of the root filesystem */
export function umociUnpack(layout: string, tag: string, bundle: string): string {
  execFileSync("umoci", ["unpack", "--image", `${layout}:${tag}`, bundle], { stdio: ["ignore", "ignore", "inherit"] });
  return join(bundle, "rootfs");
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bundle that `umociUnpack` made, without a terminal: what a container engine would do with the image. */
export function runBundle(runtime: "crun" | "runc", bundle: string, args?: readonly string[]): RunResult {
  adaptConfig(join(bundle, "config.json"), args);
  const options = ["--root", join(bundle, "state"), ...(runtime === "crun" ? ["--cgroup-manager=disabled"] : [])];
  const command = [runtime, ...options, "run", "--bundle", bundle, `tsbuild-test-${randomUUID()}`];
  const script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'; // crun refuses hosts that mount both versions
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script, "sh", ...command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { code: status, stdout, stderr };
}

interface BundleConfig {
  readonly process: Readonly<Record<string, unknown>>;
  readonly linux: Readonly<Record<string, unknown>>;
}

/** Device rules are left out, because to set them takes a capability that containers used for CI may lack. */
function adaptConfig(path: string, args: readonly string[] | undefined): void {
  const config = JSON.parse(readFileSync(path, "utf8")) as BundleConfig;
  const process = { ...config.process, terminal: false, ...(args && { args }) };
  const { resources: _, ...linux } = config.linux;
  writeFileSync(path, JSON.stringify({ ...config, process, linux }));
}
