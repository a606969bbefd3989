/** A word as sh(1) reads it back. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
