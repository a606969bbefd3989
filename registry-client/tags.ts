// The list of a repository's tags.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags

import * as v from "valibot";
import { TsbuildError } from "../errors.js";

const tagsSchema = v.object({ tags: v.nullish(v.array(v.string()), []) });

/** The tags of one page. @throws registry_error */
export function parseTags(bytes: Uint8Array): readonly string[] {
  const result = v.safeParse(tagsSchema, parseJson(bytes));
  if (result.success) return result.output.tags ?? [];
  throw new TsbuildError("registry_error", "expected a list of tags as JSON, found something else");
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
