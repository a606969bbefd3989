// Keys that an object in JSON has twice: readers differ in which of them counts, so that neither can be trusted.
// https://www.rfc-editor.org/rfc/rfc8259#section-4

/** Where reading is: in an object with these keys so far, or in a list. */
interface Level {
  readonly keys?: Set<string>;
  key: string | number;
}

/** Texts, those that are keys with their colon, and what makes structure. */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*(:))?|[{}[\],]/g;

/**
 * @param text is JSON
 * @returns the path of the first one
 */
export function doubledKey(text: string): readonly (string | number)[] | undefined {
  const levels: Level[] = [];
  for (const [token, colon] of text.matchAll(TOKENS)) {
    const level = levels.at(-1);
    if (colon !== undefined) {
      level!.key = JSON.parse(token.slice(0, -1)) as string;
      if (level!.keys!.has(level!.key)) return levels.map(({ key }) => key);
      level!.keys!.add(level!.key);
    } else if (token === "{") levels.push({ keys: new Set(), key: "" });
    else if (token === "[") levels.push({ key: 0 });
    else if (token === "}" || token === "]") levels.pop();
    else if (token === "," && typeof level?.key === "number") level.key++;
  }
  return undefined;
}
