// The launcher's answers: records of three NUL-terminated words.

export type LauncherRecord = {
  readonly kind: "child" | "error" | "exit" | "signal" | "unkept";
  /** A process id, an errno, an exit code or a signal's number. */
  readonly number: number;
  /** Of `error`: which operation failed. */
  readonly index: number;
};

/** Collects bytes as they come and gives each record once it is whole. */
export class RecordReader {
  #words = "";

  read(data: Uint8Array): LauncherRecord[] {
    const words = (this.#words + Buffer.from(data).toString("latin1")).split("\0");
    this.#words = words.splice(words.length - (words.length % 3 || 3)).join("\0");
    const records: LauncherRecord[] = [];
    for (let at = 0; at + 2 < words.length; at += 3) {
      records.push({
        kind: words[at] as LauncherRecord["kind"],
        number: Number(words[at + 1]),
        index: Number(words[at + 2]),
      });
    }
    return records;
  }
}
