export type { Entry, EntryType, LayerChange, LayerIndex } from "./entry.js";
