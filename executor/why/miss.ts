// Why a step is made that was made before in another form.

import { setTimeout as sleep } from "node:timers/promises";
import type { LayerFact } from "../../cache/index.js";
import type { Entry } from "../../filesystem/index.js";
import type { Digest } from "../../oci/index.js";
import type { LayerOperation } from "../cached.js";
import type { Execution } from "../context.js";
import type { Refusal } from "../look-up.js";
import type { EarlierStep } from "../shared.js";
import { describeChanges } from "./change.js";
import { compareInputs } from "./compare.js";
import type { Previous } from "./history.js";
import { compareLayers } from "./layer-changes.js";
import { NOT_SHARED, type Reason, reasonOf } from "./reason.js";

/** Files that the inputs of a step have by their content digest only. */
export interface Listing {
  readonly content: Digest;
  readonly entries: readonly Entry[];
}

/** What was known when a step was not found. */
export interface Miss {
  readonly refused?: Refusal;
  readonly previous?: Previous;
  /** The step as a shared cache knows it. Not asked for when the store has something to compare with. */
  readonly elsewhere?: Promise<EarlierStep | undefined>;
}

/** Milliseconds that a step which is made waits for what would explain it. */
const MOST_WAIT = 2000;

/** To be asked before the step is made. @param refused why what is known of it is not taken */
export function missOf(
  { history, shared }: Execution,
  { vertex, inputs }: LayerOperation,
  { name, refused = history.lost(vertex, name) }: { readonly name: string; readonly refused?: Refusal | undefined },
): Miss {
  if (refused === "other-cache") return { refused, elsewhere: shared.previous(vertex).then(ofName(name)) };
  if (refused !== undefined) return { refused };
  const previous = history.previous(vertex, inputs);
  if (previous && previous.record !== "pruned") return { previous };
  return { ...(previous && { previous }), elsewhere: shared.previous(vertex) };
}

/** A cache that this build reads may know the very step, and lack its layer. */
function ofName(name: string) {
  return (earlier: EarlierStep | undefined) => (earlier?.key === name ? earlier : undefined);
}

/** @param layer that the step made, where it is known. @returns nothing when the step is new */
export async function whyMade(
  execution: Execution,
  operation: LayerOperation,
  { refused, previous, elsewhere }: Miss,
  layer?: Pick<LayerFact, "diffID">,
): Promise<Reason | undefined> {
  const earlier = await inTime(elsewhere);
  if (refused !== undefined) return earlier ? NOT_SHARED : reasonOf(refused);
  if (earlier) return whyNotShared(execution, operation, earlier, layer);
  if (!previous) return undefined;
  if (previous.record === "pruned") return { because: "lost", why: "what was known of it is no longer in the store" };
  const changes = changesSince(execution, operation, { ...previous, record: previous.record }, layer);
  return changes.length > 0 ? { because: "changed", why: describeChanges(changes) } : reasonOf("lost");
}

async function whyNotShared(
  execution: Execution,
  operation: LayerOperation,
  { record, shown, bringIndex }: EarlierStep,
  layer: Pick<LayerFact, "diffID"> | undefined,
): Promise<Reason> {
  const inputs = shown(operation.inputs);
  if ((inputs as { readonly op?: string }).op === "copy") await inTime(bringIndex());
  const changes = changesSince(execution, { ...operation, inputs }, { record }, layer);
  return changes.length > 0 ? { because: "changed", why: describeChanges(changes) } : NOT_SHARED;
}

function inTime<Value>(promise: Promise<Value> | undefined): Promise<Value | undefined> {
  return Promise.race([promise, sleep(MOST_WAIT, undefined, { ref: false })]);
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
