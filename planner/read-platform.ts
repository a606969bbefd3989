// The platform that a user writes, with advice when it is nearly one.

import { TsbuildError } from "../errors.js";
import { parsePlatform, type Platform, PLATFORM_WORDS } from "../oci/index.js";
import { suggest } from "../suggest.js";

/** @throws bad_platform */
export function readPlatform(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (error) {
    const meant = corrected(text);
    if (!(error instanceof TsbuildError) || meant === undefined) throw error;
    throw new TsbuildError(error.code, error.message, { cause: error, hint: `Did you mean "${meant}"?` });
  }
}

/** The text with each unknown word replaced by the one that it is nearly, if that makes a platform. */
function corrected(text: string): string | undefined {
  const [os = "", ...others] = text.split("/");
  const words = [os, ...others.slice(0, 1)].map((word) =>
    PLATFORM_WORDS.includes(word.toLowerCase()) ? word : suggest(word.toLowerCase(), PLATFORM_WORDS),
  );
  if (words.includes(undefined)) return undefined;
  const meant = [...words, ...others.slice(1)].join("/");
  return meant !== text && isPlatform(meant) ? meant : undefined;
}

function isPlatform(text: string): boolean {
  try {
    parsePlatform(text);
    return true;
  } catch (error) {
    if (error instanceof TsbuildError) return false;
    throw error;
  }
}
