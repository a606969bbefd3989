// The version, from the package's own description.

import { readFileSync } from "node:fs";

/** `0.1.0` */
export const version: string = readVersion();

/** The bundles are one or two folders below the package, the sources are in it. */
function readVersion(): string {
  for (const path of ["./package.json", "../package.json", "../../package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as {
        name: string;
        version: string;
      };
      if (name === "tsbuild") return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error("package.json of tsbuild is missing");
}
