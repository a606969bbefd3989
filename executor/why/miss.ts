// Why a step is made that was made before in another form.

import type { LayerFact } from "../../cache/index.js";
import type { Entry } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { LayerOperation } from "../cached.js";
import type { Execution } from "../context.js";
import type { Refusal } from "../look-up.js";
import { describeChanges } from "./change.js";
import { compareInputs } from "./compare.js";
import type { Previous } from "./history.js";
import { compareLayers } from "./layer-changes.js";
import { type Reason, reasonOf } from "./reason.js";

/** Files that the inputs of a step have by their content digest only. */
export interface Listing {
  readonly content: Digest;
  readonly entries: readonly Entry[];
}

/** What was known when a step was not found. */
export interface Miss {
  readonly refused?: Refusal;
  readonly previous?: Previous;
}

/** To be asked before the step is made. @param refused why what is known of it is not taken */
export function missOf(
  { history }: Execution,
  { vertex, inputs }: LayerOperation,
  { name, refused = history.lost(vertex, name) }: { readonly name: string; readonly refused?: Refusal | undefined },
): Miss {
  if (refused !== undefined) return { refused };
  const previous = history.previous(vertex, inputs);
  return previous ? { previous } : {};
}

/** @param layer that the step made, where it is known. @returns nothing when the step is new */
export function whyMade(
  execution: Execution,
  operation: LayerOperation,
  { refused, previous }: Miss,
  layer?: Pick<LayerFact, "diffID">,
): Reason | undefined {
  if (refused !== undefined) return reasonOf(refused);
  if (!previous) return undefined;
  if (previous.record === "pruned") return { because: "lost", why: "what was known of it is no longer in the store" };
  const changes = changesSince(execution, operation, { ...previous, record: previous.record }, layer);
  return changes.length > 0 ? { because: "changed", why: describeChanges(changes) } : reasonOf("lost");
}

function changesSince(
  { store, madeBy, layers }: Execution,
  { inputs, listings = [], mounted = {} }: LayerOperation,
  { record, image }: Previous & { readonly record: object },
  layer: Pick<LayerFact, "diffID"> | undefined,
) {
  const layerChanges = () => {
    const [then, now] = [store.layerIndex(record.layer.diffID), layer && layers.madeIndex(layer.diffID)];
    return then && now && compareLayers(then.changes, now.changes);
  };
  return compareInputs(record.inputs, inputs, {
    madeBy: (content) => madeBy.get(content),
    layerChanges,
    mountedNow: mounted,
    ...(record.mounted && { mountedThen: record.mounted }),
    listing: (content) =>
      listings.find((listing) => listing.content === content)?.entries ?? store.layerIndex(content)?.changes,
    ...(image && { image }),
  });
}
