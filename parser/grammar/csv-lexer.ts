// The tokens of comma-separated values.
// https://www.rfc-editor.org/rfc/rfc4180

import moo from "moo";

export const csvLexer = moo.states({
  record: { comma: ",", open: { match: '"', push: "quoted" }, text: { match: /[^",]+/, lineBreaks: true } },
  quoted: { escaped: '""', close: { match: '"', pop: 1 }, inside: { match: /[^"]+/, lineBreaks: true } },
});
