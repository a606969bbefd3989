// Whether what an output is to write can be written there at all, told before anything is built.

import { type Stats, statSync } from "node:fs";
import { TsbuildError } from "../errors.js";
import { outputError } from "./archive.js";
import type { OutputSpec } from "./output.js";

/** @throws output_failed for a place below a file, or where one may not look; usage for a file where a directory is, and the other way around */
export function checkDestinations(outputs: readonly OutputSpec[]): void {
  for (const output of outputs) {
    if (!("dest" in output) || typeof output.dest !== "string") continue;
    const wantsDirectory = output.type === "local" || ("tar" in output && output.tar === false);
    const found = lookAt(output.dest);
    if (!found || found.isDirectory() === wantsDirectory) continue;
    throw wantsDirectory ? expectedDirectory(output.type, output.dest) : expectedFile(output.type, output.dest);
  }
}

function lookAt(dest: string): Stats | undefined {
  try {
    return statSync(dest, { throwIfNoEntry: false });
  } catch (error) {
    throw outputError(error, dest);
  }
}

function expectedFile(type: OutputSpec["type"], dest: string): TsbuildError {
  const file = `dest=${dest.replace(/\/*$/, "")}/image.tar`;
  const hint = type === "tar" ? `Write ${file}, or type=local.` : `Write ${file}, or add tar=false.`;
  return new TsbuildError("usage", `expected a file as dest of type=${type}, found the directory "${dest}"`, { hint });
}

function expectedDirectory(type: OutputSpec["type"], dest: string): TsbuildError {
  return new TsbuildError("usage", `expected a directory as dest of type=${type}, found the file "${dest}"`, {
    hint: "Choose another place, or remove the file.",
  });
}
