// The base images of the tests, as OCI layouts: made once per machine by fixtures/base.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type BaseImage = "busybox" | "busybox-platforms" | "debian" | "node" | "python" | "gcc";

const made = new Map<BaseImage, Promise<string>>();

/** The directory of the image's OCI layout. Read it, never write to it: all tests share it. */
export function baseImage(name: BaseImage): Promise<string> {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

/** What makes the image known to a build under its own name: `--build-context busybox=oci-layout:///…`. */
export async function baseImageFlags(...names: readonly BaseImage[]): Promise<string[]> {
  const layouts = await Promise.all(names.map(baseImage));
  return names.flatMap((name, i) => ["--build-context", `${name}=oci-layout://${layouts[i]}`]);
}

async function make(name: BaseImage): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["fixtures/base/make.mjs", name]);
  return stdout.trim();
}
