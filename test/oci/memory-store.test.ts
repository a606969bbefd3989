import { imageStoreSuite } from "../suites/blob-store.js";
import { MemoryStore } from "../helpers/memory-store.js";

imageStoreSuite(() => new MemoryStore());
