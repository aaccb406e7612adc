/** Of the HTML report: light and dark, on a phone and on paper. Actors have the colours of the page. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c1b22; --dim: #5f5d6b; --line: #dcdae3; --met: #0b6b4f; --unmet: #a8123e; --panel: #f6f5f9; --user: #9a6700; --thinker: #6f42c1; --writer: #0b7285; --probe: #5f5d6b; --agent1: #1d58b8; --agent2: #a84510; --answer: #5f5d6b; --judge: #a81f72; --tie: #fbe9e5; --stored: #b6b3c2; }
@media (prefers-color-scheme: dark) { :root { --ground: #17161c; --text: #eceaf2; --dim: #a9a6b8; --line: #3a3845; --met: #58d3a6; --unmet: #ff8fa9; --panel: #201f27; --user: #f0b429; --thinker: #b69cff; --writer: #4fc3d9; --probe: #a9a6b8; --agent1: #82b4ff; --agent2: #ff9e66; --answer: #a9a6b8; --judge: #ff92cf; --tie: #3a2024; --stored: #5b5868; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; }
h2 { margin: 0 0 4px; font-size: 19px; }
h3 { margin: 20px 0 6px; font-size: 15px; }
h4 { margin: 12px 0 4px; font-size: 14px; font-weight: 600; }
.kind, .facts, footer, .why, caption, figcaption { color: var(--dim); }
.kind { margin: 0; }
.facts { margin: 4px 0; font-size: 14px; }
header { margin-bottom: 20px; }
section { margin-top: 40px; padding-top: 20px; border-top: 1px solid var(--line); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
caption { text-align: left; padding: 8px 0 4px; }
th { text-align: left; font-weight: 600; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.expectations td:nth-child(3), .expectations td:nth-child(4) { min-width: 180px; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: var(--panel); padding: 10px 12px; border-radius: 6px; margin: 0; }
.met { color: var(--met); font-weight: 600; }
.unmet { color: var(--unmet); font-weight: 700; }
.why { margin: 4px 0 0; }
.difference { background: var(--panel); border-left: 3px solid var(--unmet); padding: 4px 16px 8px; margin: 12px 0; }
.difference h3 { margin-top: 8px; }
.difference ol { margin: 0; padding-left: 20px; }
dl { margin: 0; }
dt { margin-top: 10px; font-weight: 600; }
dd { margin: 2px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); padding: 8px 12px; border-radius: 6px; }
summary { cursor: pointer; margin-top: 16px; font-weight: 600; }
a { color: inherit; }
.chart svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.wide.chart svg { min-width: 760px; }
.courses { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 12px 20px; }
.lane { fill: var(--dim); }
.user { fill: var(--user); }
.thinker { fill: var(--thinker); }
.writer { fill: var(--writer); }
.probe { fill: var(--probe); font-weight: 700; }
.plain { fill: var(--text); }
.inside { fill: var(--ground); font-weight: 600; }
.agent1 { fill: var(--agent1); color: var(--agent1); }
.agent2 { fill: var(--agent2); color: var(--agent2); }
.answer { fill: var(--answer); color: var(--answer); }
b.thinker { color: var(--thinker); }
b.writer { color: var(--writer); }
.judge { fill: var(--judge); }
.track { fill: var(--line); }
.tie { fill: var(--tie); }
.tied { stroke: var(--unmet); stroke-width: 1.5; }
.trend { fill: none; stroke: currentColor; stroke-width: 1; opacity: 0.35; }
.thinker.trend { color: var(--thinker); }
.writer.trend { color: var(--writer); }
.stored { fill: none; stroke: var(--stored); stroke-width: 2.5; }
.ring { fill: var(--ground); stroke: var(--probe); stroke-width: 1.5; }
.stored.ring { stroke: var(--stored); stroke-width: 2.5; }
.stem { stroke: var(--probe); stroke-width: 1; }
.limit { fill: none; stroke: var(--dim); stroke-width: 1; stroke-dasharray: 4 3; }
.course { fill: none; stroke: var(--judge); stroke-width: 1.5; }
.course-dot { fill: var(--judge); }
.tick { stroke: var(--line); stroke-width: 0.5; }
.mark { stroke: var(--unmet); stroke-width: 1.5; stroke-dasharray: 4 3; }
.mark-text { fill: var(--unmet); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 12px; }
figure { margin: 0; }
img { width: 100%; border: 1px solid var(--line); border-radius: 4px; }
footer { margin-top: 48px; font-size: 13px; }
@media (max-width: 500px) { main { padding: 16px 12px 40px; } h1 { font-size: 22px; } }
@media print { section { break-inside: avoid-page; } details > * { display: block; } .wide { overflow: visible; } }
`;
