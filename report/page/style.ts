// The look of the page, light and dark. Nothing is fetched: fonts are the reader's own.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --page: #ffffff; --card: #f6f8fa; --line: #d1d9e0;
  --bar: #2f6feb; --waste: #cf5b1a; --added: #1a7f37; --removed: #c0262d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --page: #0d1117; --card: #161b22;
  --line: #3d444d; --bar: #4c8dff; --waste: #e8834a; --added: #3fb950; --removed: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
header p, .note, small { color: var(--soft); }
header p { margin: .2rem 0 0; overflow-wrap: anywhere; }
small { display: block; font-size: .8rem; font-weight: normal; overflow-wrap: anywhere; }
nav { margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
a { color: var(--bar); }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
dl.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1.2rem 0 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem; }
.tile dt { color: var(--soft); font-size: .85rem; }
.tile dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; width: 7rem; height: .55rem; background: var(--line); border-radius: 3px; overflow: hidden; }
.bar span { display: block; height: 100%; background: var(--bar); }
.waste .bar span { background: var(--waste); }
.stack { display: flex; height: 1.6rem; border-radius: 6px; overflow: hidden; margin: .6rem 0 1rem; gap: 1px; }
.stack span { background: var(--bar); min-width: 2px; opacity: .95; }
.stack span:nth-child(even) { opacity: .65; }
.folders ul { list-style: none; margin: 0; padding-left: 1.4rem; }
.folders > ul { padding-left: 0; }
.folders .row { display: flex; gap: .8rem; align-items: center; }
.folders .row .size { min-width: 5rem; text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; }
.folders summary .row { display: inline-flex; vertical-align: middle; }
.folders li > .row { padding-left: 1.1rem; }
.added { color: var(--added); }
.removed { color: var(--removed); }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media print { nav { display: none; } }
`;
