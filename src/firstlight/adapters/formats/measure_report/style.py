"""The page's one stylesheet: light, dark, and paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #faf8f4; --card: #fff; --ink: #20262b; --soft: #566068;
  --line: #d9d4c9; --one: #0b5b6d; --two: #b3470b; --band: #0b5b6d33; --warn: #704b00;
  --warn-ground: #fcf0d6; --bad: #9c2420; --bad-ground: #fbe8e6; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181b; --card: #1b2125; --ink: #e7e4dd;
  --soft: #a9b1b5; --line: #3a4349; --one: #7fcadb; --two: #f6b26b; --band: #7fcadb33;
  --warn: #efc87c; --warn-ground: #3a2f16; --bad: #f3a49d; --bad-ground: #40211f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 56rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.6 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .25rem; }
p, ul { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption, .empty { color: var(--soft); }
.note { padding: .75rem 1rem; border-left: .3rem solid var(--warn); background: var(--warn-ground);
  color: var(--warn); }
.loud { padding: .75rem 1rem; border-left: .3rem solid var(--bad); background: var(--bad-ground);
  color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1.25rem;
  margin: 1rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) { dl { grid-template-columns: minmax(0, 1fr); } dt { margin-top: .4rem;
  } }
code { font: .88em/1.5 ui-monospace, "Noto Sans Mono", monospace; }
.wide { overflow-x: auto; margin: .75rem 0; }
.wide:focus-visible { outline: .15rem solid var(--two); }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; } tbody th { font-weight: 500; }
figure { margin: 1rem 0; }
svg { display: block; width: 100%; height: auto; max-width: 46rem; }
svg text { fill: var(--ink); font: 13px system-ui, "Noto Sans", sans-serif; }
svg .tick { fill: var(--soft); font-size: 12px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .one { stroke: var(--one); fill: var(--one); }
svg .two { stroke: var(--two); fill: var(--two); }
svg .bar { stroke-width: 3; stroke-linecap: round; fill: none; }
svg .thin { stroke-width: 1.5; stroke-dasharray: 3 3; fill: none; }
svg .curve { fill: none; stroke-width: 2.5; } svg .two.curve { stroke-dasharray: 7 4; }
svg .band { fill: var(--band); stroke: none; }
svg .two.open { fill: var(--paper); stroke-width: 2; }
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444;
    --line: #bbb; --one: #0b5b6d; --two: #b3470b; --band: #0b5b6d22; --warn: #000;
    --warn-ground: #fff; --bad: #000; --bad-ground: #fff; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3, caption { break-after: avoid; } figure { break-after: avoid; }
    figure, tr, .note, .loud { break-inside: avoid; }
  .wide { overflow: visible; } thead { display: table-header-group; }
  @page { margin: 18mm 16mm; }
}
"""
