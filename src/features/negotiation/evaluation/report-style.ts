/** The look of the saved report; nothing in it comes from elsewhere. */
export const REPORT_STYLE = `
:root { --paper: #f8f6f1; --surface: #fffefb; --ink: #1d1b18; --soft: #4f4b44; --faint: #69645b; --line: #dfdad0;
  --strong: #b9b2a4; --theirs: #f0ede6; --judge: #a81f72; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #121316; --surface: #191b1f; --ink: #edeae3; --soft: #bdb9b0; --faint: #989389; --line: #2a2d33;
    --strong: #474b54; --theirs: #0d0e10; --judge: #ff92cf; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 64rem; padding: 1.5rem 1.25rem 3rem; margin: 0 auto; }
h1 { font-size: 1.5rem; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; }
h3 { margin: 1rem 0 0.25rem; font-size: 1rem; }
h4 { margin: 0 0 0.25rem; font-size: 0.9375rem; }
p, li, pre { overflow-wrap: anywhere; white-space: pre-wrap; }
.note, caption { max-width: 90ch; color: var(--faint); font-size: 0.875rem; text-align: left; }
.scroll { overflow-x: auto; }
table { width: 100%; min-width: 34rem; border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); font-weight: 400; text-align: right;
  vertical-align: top; }
th:first-child { padding-left: 0; text-align: left; }
tbody th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
small { display: block; color: var(--faint); font-size: 0.8125em; font-weight: 400; }
h4 small { display: inline; }
.paper, .paper th { background: var(--theirs); color: var(--soft); font-weight: 400; }
.tag { padding: 0 0.3rem; border: 1px solid var(--strong); border-radius: 2px; font-size: 0.6875rem; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .name { fill: var(--ink); font-weight: 600; font-size: 13px; }
svg .value { fill: var(--ink); }
svg .grid, svg .group { stroke: var(--line); }
svg .even { stroke: var(--faint); stroke-dasharray: 4 3; }
svg .interval { stroke: var(--judge); stroke-width: 3; }
svg .ours { fill: var(--judge); }
svg .paper-sd { stroke: var(--faint); stroke-width: 1.5; }
svg .paper { fill: var(--paper); stroke: var(--soft); stroke-width: 1.5; }
details { padding: 0.4rem 0; border-top: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 600; }
.answers { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
article { padding-top: 0.4rem; border-top: 2px solid var(--strong); }
dl { display: grid; gap: 0.25rem 2rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); font-size: 0.875rem; }
dl div { display: flex; gap: 0.75rem; }
dt { width: 9rem; flex: none; color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
`;
