// Whether what an output is to write can be written there at all, told before anything is built.

import { accessSync, constants, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { outputError } from "../archives/index.js";
import { isReplaceable } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { OutputSpec } from "./output.js";

/**
 * Directories that are missing on the way are made when the output is written.
 * @throws output_failed for a place below a file, or where one may not look or write; usage for a file where a directory is, and
 * the other way around, and for a place that two outputs have
 */
export function checkDestinations(outputs: readonly OutputSpec[]): void {
  const taken = new Set<string>();
  for (const output of outputs) {
    if (!("dest" in output) || typeof output.dest !== "string") continue;
    const { type, dest } = output;
    const wantsDirectory = type === "local" || ("tar" in output && output.tar === false);
    const found = lookAt(dest);
    if (found && found.isDirectory() !== wantsDirectory)
      throw wantsDirectory ? expectedDirectory(type, dest) : expectedFile(type, dest);
    if (isReplaceable(dest) || found?.isDirectory()) {
      expectWritable(found?.isDirectory() ? dest : dirname(resolve(dest)), dest);
      expectFree(dest, taken);
    }
  }
}

/** @param directory the one to write in, or one that is to be made */
function expectWritable(directory: string, dest: string): void {
  if (!lookAt(directory)) return expectWritable(dirname(resolve(directory)), dest);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw outputError(error, dest);
  }
}

/** Devices and pipes may be written to many times. */
function expectFree(dest: string, taken: Set<string>): void {
  const place = realPlace(dest);
  if (taken.has(place))
    throw new TsbuildError("usage", `two outputs are to be written to "${dest}"`, { hint: "Give each its own dest." });
  taken.add(place);
}

/** The path without links, of what is there of it. */
function realPlace(path: string): string {
  const whole = resolve(path);
  if (lookAt(whole) || dirname(whole) === whole) return realpathSync(whole);
  return join(realPlace(dirname(whole)), basename(whole));
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
