// Colours of the live view.
// https://no-color.org, https://bixense.com/clicolors/, https://docs.docker.com/build/building/variables/#buildkit_colors

export type Role = "run" | "cancel" | "error" | "warning" | "faint";

/** Wraps `text` in the colour of `role`, or leaves it as it is. */
export type Theme = (role: Role, text: string) => string;

export type Environment = Readonly<Record<string, string | undefined>>;

/** SGR parameters. */
const DEFAULTS: Readonly<Record<Role, string>> = { run: "34", cancel: "33", error: "31", warning: "33", faint: "2" };

const NAMES: Readonly<Record<string, string>> = {
  black: "30",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
  white: "37",
  "light-black": "90",
  "light-red": "91",
  "light-green": "92",
  "light-yellow": "93",
  "light-blue": "94",
  "light-magenta": "95",
  "light-cyan": "96",
  "light-white": "97",
};

export const colourless: Theme = (_role, text) => text;

export function chooseTheme(env: Environment, isTerminal: boolean): Theme {
  if (!wantsColour(env, isTerminal)) return colourless;
  const colours = { ...DEFAULTS, ...customColours(env["BUILDKIT_COLORS"] ?? "") };
  return (role, text) => (text === "" ? text : `\x1b[${colours[role]}m${text}\x1b[0m`);
}

function wantsColour(env: Environment, isTerminal: boolean): boolean {
  if (isSet(env["FORCE_COLOR"]) || isSet(env["CLICOLOR_FORCE"])) return true;
  if (env["NO_COLOR"]) return false;
  return isTerminal && env["TERM"] !== "dumb" && env["CLICOLOR"] !== "0";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

/** `run=green:error=255,0,0`; what cannot be read is left at its default. */
function customColours(text: string): Partial<Record<Role, string>> {
  const colours: Partial<Record<Role, string>> = {};
  for (const field of text.split(":")) {
    const [role = "", colour = ""] = field.split("=");
    const code = NAMES[colour.toLowerCase()] ?? rgb(colour);
    if (code !== undefined && (role === "run" || role === "cancel" || role === "error" || role === "warning"))
      colours[role] = code;
  }
  return colours;
}

function rgb(colour: string): string | undefined {
  const parts = colour.split(",").map(Number);
  const valid = parts.length === 3 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return valid ? `38;2;${parts.join(";")}` : undefined;
}
