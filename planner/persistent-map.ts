// A map that is never changed: adding to it makes another one that shares what both have. A file of many thousand lines makes
// one for each ENV, ARG or LABEL, so each must not copy all that came before.

type Level<Key, Value> = ReadonlyMap<Key, Value>;

/** Keys are listed in the order in which they first came, as in a Map. Adding n entries one by one takes n·log n steps. */
export class PersistentMap<Key, Value> {
  /** Oldest first, each larger than the next; of equal keys the newest counts. Becomes one level when all is listed. */
  #levels: readonly Level<Key, Value>[];

  private constructor(levels: readonly Level<Key, Value>[]) {
    this.#levels = levels;
  }

  static of<Key, Value>(entries: Iterable<readonly [Key, Value]> = []): PersistentMap<Key, Value> {
    const level = new Map(entries);
    return new PersistentMap(level.size > 0 ? [level] : []);
  }

  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }

  get(key: Key): Value | undefined {
    return this.#levels.findLast((level) => level.has(key))?.get(key);
  }

  has(key: Key): boolean {
    return this.#levels.some((level) => level.has(key));
  }

  /** A map with these entries added, or replaced in their old place. */
  with(entries: readonly (readonly [Key, Value])[]): PersistentMap<Key, Value> {
    if (entries.length === 0) return this;
    const levels = [...this.#levels];
    let last: Level<Key, Value> = new Map(entries);
    for (let lower = levels.at(-1); lower && lower.size <= last.size; lower = levels.at(-1)) {
      last = merged(lower, [last]);
      levels.pop();
    }
    return new PersistentMap([...levels, last]);
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    const [oldest, ...newer] = this.#levels;
    if (newer.length > 0) this.#levels = [merged(oldest!, newer)];
    return (this.#levels[0] ?? new Map<Key, Value>()).entries();
  }
}

function merged<Key, Value>(oldest: Level<Key, Value>, newer: readonly Level<Key, Value>[]): Level<Key, Value> {
  const all = new Map(oldest);
  for (const level of newer) for (const [key, value] of level) all.set(key, value);
  return all;
}
