# Durations as Go writes them: 1h30m, 1.5s, 300ms. https://pkg.go.dev/time#ParseDuration

@preprocessor typescript

@{%
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, "\u00b5s": 1e3, "\u03bcs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of one term. What is less than a nanosecond is dropped. */
const term = ([number, unit]: any[]): number => {
  const [whole, fraction = ""] = number.split(".");
  return Number(whole) * UNITS[unit]! + Math.trunc(Number(`0.${fraction}`) * UNITS[unit]!);
};
%}

duration -> sign amount     {% ([sign, amount]) => sign * amount %}

sign -> null                {% () => 1 %}
      | "+"                 {% () => 1 %}
      | "-"                 {% () => -1 %}

amount -> "0"               {% () => 0 %}
        | terms             {% id %}

terms -> term               {% id %}
       | terms term         {% ([sum, next]) => sum + next %}

term -> number unit         {% term %}

number -> digits            {% id %}
        | digits "."        {% id %}
        | "." digits        {% ([, fraction]) => `0.${fraction}` %}
        | digits "." digits {% ([whole, , fraction]) => `${whole}.${fraction}` %}

digits -> [0-9]:+           {% ([digits]) => digits.join("") %}

unit -> ("ns" | "us" | "\u00b5s" | "\u03bcs" | "ms" | "s" | "m" | "h") {% ([[unit]]) => unit %}
