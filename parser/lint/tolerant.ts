// Rules look at words that may not be readable: who builds with them reports that.

import { DockerfileError } from "../error.js";

/** What `read` gives, or undefined when a word cannot be read. */
export function tolerant<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DockerfileError) return undefined;
    throw error;
  }
}
