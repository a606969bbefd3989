// Content that can be brought straight into a file: what need not pass through the main thread does not.

import type { Readable } from "node:stream";

export interface Savable {
  /**
   * Writes all of the content to an empty file, verified; nobody else may read it. The file is not used any more when the promise
   * settles, and closing it is up to the caller.
   * @throws what reading the content throws
   */
  saveTo(fd: number): Promise<void>;
}

/** Whether `content` can be saved, and nobody reads it yet. */
export function isSavable(content: Readable): content is Readable & Savable {
  const isRead = content.readableFlowing !== null || content.readableDidRead || content.listenerCount("readable") > 0;
  return "saveTo" in content && !isRead;
}
