// reports/html/style.ts: how the report looks. Light and dark by the reader's setting, always light on paper.
//
// Colours of outcomes differ in lightness as well as in hue. Passed is quiet, so that what went wrong is what is seen.

const LIGHT = `
  --page: #fbfbfa; --surface: #ffffff; --text: #1c2024; --soft: #5c6670; --line: #dfe2e6; --faint: #eef0f2;
  --accent: #1f5fbf;
  --passed: #9db7d6; --violation: #c8321f; --not-reached: #d99a1c; --scenario-failure: #8a4fbf; --harness-failure: #5f6873;
  --good: #1d7a46; --warn: #8f5d00; --bad: #b3261a; --badge-text: #ffffff; --pending: #7b858e;
  --durable: #dde4ea; --kept: #b9dfc6; --lost: #f0b6ad; --torn: #f3d29a; --waiting: #cdd9f2; --cell-text: #1c2024;`

const DARK = `
  --page: #14171a; --surface: #1b1f23; --text: #e7eaed; --soft: #9aa5b0; --line: #323940; --faint: #252b30;
  --accent: #7fb2f5;
  --passed: #41638c; --violation: #ff6a55; --not-reached: #e8b23f; --scenario-failure: #bb8cea; --harness-failure: #98a3ae;
  --good: #62c48d; --warn: #e8b23f; --bad: #ff8472; --badge-text: #14171a; --pending: #8b96a1;
  --durable: #2d353c; --kept: #1f5436; --lost: #7c2b22; --torn: #6b4a12; --waiting: #2c3f66; --cell-text: #e7eaed;`

export const STYLE = `
@media screen {
  :root { color-scheme: light;${LIGHT} }
  @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark;${DARK} } }
  :root[data-theme=dark] { color-scheme: dark;${DARK} }
}
:root { --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; }
.page { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
h1, h2, h3, p, dl, dd, figure, ul { margin: 0; }
.brand { color: var(--soft); font-weight: 600; font-size: 13px; letter-spacing: .04em; }
h1 { font-size: 32px; line-height: 1.2; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; letter-spacing: -.01em; margin-bottom: 14px; }
h3 { font-size: 16px; line-height: 1.4; }
h3.sub { margin: 22px 0 6px; font-size: 15px; }
section { margin-top: 52px; }
.verdict { margin: 12px 0 18px; font-size: 18px; }
.badge { display: inline-block; padding: 0 10px; margin-right: 8px; border-radius: 4px; color: var(--badge-text); font-size: 14px; font-weight: 600; line-height: 26px; }
.verdict-passed .badge { background: var(--good); }
.verdict-incomplete .badge { background: var(--warn); }
.verdict-violations .badge { background: var(--bad); }
.facts { display: flex; flex-wrap: wrap; gap: 4px 24px; font-size: 14px; }
.facts div { display: flex; gap: 6px; min-width: 0; }
.facts dt { color: var(--soft); flex: none; }
.facts dd { overflow-wrap: anywhere; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 20px 24px; margin-bottom: 26px; }
.tiles div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dt { color: var(--soft); font-size: 13px; line-height: 1.35; }
.tiles dd { font-size: 25px; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-size: 14px; }
.note { margin-top: 10px; max-width: 75ch; }
.note + .card { margin-top: 14px; }
.empty { color: var(--soft); }
.bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); font-weight: 600; }
.code, code, pre { font-family: var(--mono); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody th.code { font-weight: 400; overflow-wrap: anywhere; min-width: 180px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { width: 28%; min-width: 120px; }
.pairs th { color: var(--soft); font-weight: 400; width: 12em; white-space: nowrap; }
.pairs td { overflow-wrap: anywhere; }
.milestones { width: auto; min-width: min(100%, 420px); }
.records td, .records th { white-space: nowrap; font-size: 13px; }
.plain { padding-left: 1.2em; }
.plain li { margin: 3px 0; overflow-wrap: anywhere; }
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--accent); font-size: 14px; width: fit-content; }
summary + * { margin-top: 10px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.card { margin-top: 14px; padding: 14px 18px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; }
.edge-violation h3 { color: var(--bad); }
.card h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; }
.card .tag, .card .count { color: var(--soft); font-weight: 400; font-size: 14px; }
.message { margin: 8px 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; max-height: 24em; overflow-y: auto; }
.command { display: flex; margin-top: 12px; background: var(--faint); border-radius: 4px; align-items: center; }
.command code { flex: 1; min-width: 0; padding: 8px 12px; overflow-wrap: anywhere; }
.command button { flex: none; margin-right: 6px; padding: 3px 10px; border: 1px solid var(--line); border-radius: 4px; background: var(--surface); color: var(--text); font: inherit; font-size: 13px; cursor: pointer; }
.outcome-violation { color: var(--bad); }
.fill-passed { background: var(--passed); fill: var(--passed); }
.fill-violation { background: var(--violation); fill: var(--violation); }
.fill-not-reached { background: var(--not-reached); fill: var(--not-reached); }
.fill-scenario-failure { background: var(--scenario-failure); fill: var(--scenario-failure); }
.fill-harness-failure { background: var(--harness-failure); fill: var(--harness-failure); }
.bar { display: flex; gap: 1px; height: 12px; margin-top: 5px; border-radius: 2px; overflow: hidden; min-width: 3px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; padding: 0; margin-bottom: 6px; font-size: 13px; color: var(--soft); }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; vertical-align: -1px; }
.chart { margin: 12px 0 20px; }
.chart figcaption { font-size: 14px; font-weight: 500; margin-bottom: 16px; }
.plot-row { display: grid; grid-template-columns: 58px minmax(0, 1fr); column-gap: 8px; }
.plot-row + .plot-row { margin-top: 8px; }
.plot { position: relative; border-bottom: 1px solid var(--line); }
.plot svg { display: block; width: 100%; height: 100%; position: absolute; inset: 0; }
.y-axis { position: relative; }
.tick { position: absolute; color: var(--soft); font-size: 12px; line-height: 1; font-variant-numeric: tabular-nums; white-space: nowrap; }
.y-axis .tick { right: 0; transform: translateY(50%); }
.row-name { position: absolute; right: 0; bottom: 0; color: var(--soft); font-size: 12px; line-height: 1; }
.grid-line { position: absolute; left: 0; right: 0; border-top: 1px solid var(--faint); }
.sync-row { height: 10px; border: 0; }
.thin .row-name { bottom: -1px; }
.sync-tick { stroke: var(--accent); stroke-width: 1.5px; vector-effect: non-scaling-stroke; fill: none; }
.sync-tick.dense { stroke-width: .6px; opacity: .7; }
.pending { fill: var(--soft); opacity: .5; }
.plot-row.pending-row { margin-top: 18px; }
.marks { position: relative; height: 9px; }
.marks-row { margin-bottom: 4px; }
.plot-row.marks-row + .plot-row { margin-top: 0; }
.mark { position: absolute; bottom: 0; width: 0; height: 0; border: 4px solid transparent; border-bottom-width: 0; border-top: 7px solid; transform: translateX(-4px); background: none !important; }
.mark.fill-violation { color: var(--violation); } .mark.fill-not-reached { color: var(--not-reached); } .mark.fill-scenario-failure { color: var(--scenario-failure); } .mark.fill-harness-failure { color: var(--harness-failure); }
.axis-row { margin-top: 4px !important; }
.x-axis { position: relative; height: 16px; }
.x-axis .tick { top: 3px; transform: translateX(-50%); }
.x-axis .tick.start { transform: none; }
.x-axis .tick.end { transform: translateX(-100%); }
.axis-title { color: var(--soft); font-size: 12px; text-align: right; margin-top: 4px; }
.readout { display: block; font-size: 14px; min-height: 1.5em; margin: 4px 0 0; color: var(--soft); }
.readout.on { color: var(--text); }
.histogram rect { fill: var(--passed); }
.histogram rect:hover { fill: var(--accent); }
.marker { position: absolute; top: -14px; bottom: 0; border-left: 1px solid var(--text); font-size: 12px; line-height: 1.2; pointer-events: none; }
.marker b { position: absolute; left: 4px; font-weight: 500; white-space: nowrap; background: var(--page); padding: 0 2px; }
.marker.end b { left: auto; right: 4px; }
.beyond { float: right; font-size: 12px; font-weight: 500; color: var(--bad); }
.marker-bound { border-left: 2px dashed var(--bad); color: var(--bad); }
.brand { display: flex; justify-content: space-between; align-items: center; }
.brand button, .filter button, .filter select, .filter input { font: inherit; font-size: 13px; font-weight: 400; letter-spacing: 0; color: var(--text); background: var(--surface); border: 1px solid var(--line); border-radius: 4px; padding: 5px 10px; }
.brand button, .filter button { cursor: pointer; }
.tabs { display: flex; flex-wrap: wrap; gap: 2px; margin-top: 24px; border-bottom: 1px solid var(--line); }
.tabs a { padding: 8px 10px; margin-bottom: -1px; color: var(--soft); text-decoration: none; font-size: 14px; border-bottom: 2px solid transparent; white-space: nowrap; }
.tabs a:hover { color: var(--text); }
.tabs a[aria-selected=true] { color: var(--text); font-weight: 600; border-bottom-color: var(--accent); }
.tabs a b { display: inline-block; min-width: 1.6em; padding: 0 6px; border-radius: 9px; background: var(--bad); color: var(--badge-text); font-size: 12px; line-height: 18px; text-align: center; }
a { color: var(--accent); }
.soft { color: var(--soft); font-weight: 400; }
.note + [data-mount] .filter { margin-top: 12px; }
.filter { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 6px; }
.filter input { flex: 1 1 220px; min-width: 0; max-width: 420px; }
.filter select { max-width: 200px; }
.filter output { color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
[hidden] { display: none !important; }
.glance { padding-left: 1.4em; margin: 0; }
.glance + .note, .glance:last-child { margin-bottom: 0; }
#totals { margin-top: 36px; }
.glance li { margin: 6px 0; overflow-wrap: anywhere; }
.glance a { font-weight: 600; }
.glance-message { display: block; font-size: 14px; }
.permalink { margin-left: auto; color: var(--soft); text-decoration: none; font-weight: 400; }
.known { color: var(--warn) !important; }
.demand { color: var(--soft); font-size: 14px; margin-top: 2px; }
h4 { margin: 16px 0 6px; font-size: 14px; font-weight: 600; }
.compared { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 10px; margin: 0 0 12px; }
.compared > div { border: 1px solid var(--line); border-radius: 4px; overflow: hidden; min-width: 0; }
.compared dt { font-size: 12px; font-weight: 600; color: var(--soft); padding: 4px 10px; background: var(--faint); }
.compared dd { padding: 8px 10px; }
.compared div:first-child dd { border-left: 3px solid var(--good); }
.compared div:last-child dd { border-left: 3px solid var(--bad); }
.compared pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 18em; overflow-y: auto; }
.evidence { border-top: 1px solid var(--line); padding-top: 10px; }
.stack-list { margin: 0; padding-left: 1.8em; font-size: 13px; }
.stack-list li { margin: 3px 0; overflow-wrap: anywhere; }
.stack-list code { display: block; color: var(--soft); white-space: pre-wrap; }
.events { font-size: 13px; }
.events td { padding: 3px 14px 3px 0; font-size: 13px; }
.events tr.fault td { background: color-mix(in srgb, var(--violation) 14%, transparent); }
.events tr.cause td { background: color-mix(in srgb, var(--not-reached) 18%, transparent); }
.events tr.failed td { color: var(--bad); }
.role { color: var(--bad); white-space: nowrap; }
.wrap { overflow-wrap: anywhere; min-width: 200px; }
.files { list-style: none; padding: 0; margin: 0; }
.files li { margin: 8px 0; }
.files p { font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 12px; }
.sectors { display: flex; flex-wrap: wrap; gap: 1px; margin-top: 3px; }
.sector { display: inline-block; min-width: 17px; height: 17px; border-radius: 2px; font: 600 11px/17px var(--mono); text-align: center; font-style: normal; color: var(--cell-text); background: var(--durable); }
.sector.wide { padding: 0 10px; }
.sector-pending { background: var(--waiting); } .sector-kept { background: var(--kept); } .sector-lost, .sector-damaged { background: var(--lost); } .sector-torn, .sector-filled, .sector-dropped { background: var(--torn); }
.outcome-map { display: block; width: 100%; max-width: 620px; height: 9px; margin-top: 5px; background: var(--faint); border-radius: 2px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 8px 32px; }
.charts > * { min-width: 0; }
.share { display: block; height: 10px; background: var(--faint); border-radius: 2px; overflow: hidden; }
.share { margin-top: 5px; }
.mcdc tbody th { min-width: 250px; font-size: 13px; }
.mcdc .wide { width: 12%; min-width: 80px; }
.share i { display: block; height: 100%; background: var(--passed); }
.reasons li { margin: 6px 0; }
.reasons { margin-bottom: 20px; }
dialog.keys { border: 1px solid var(--line); border-radius: 8px; background: var(--surface); color: var(--text); padding: 20px 28px; }
kbd { font: 13px var(--mono); border: 1px solid var(--line); border-radius: 3px; padding: 0 5px; background: var(--faint); }
@media screen {
  .tabbed [data-tab]:not(.current) { display: none; }
  .tabbed section { margin-top: 28px; }
  .has-live > .plot-row, .has-live > .marks-row { display: none; }
  .live { position: relative; }
}
footer { margin-top: 52px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
@media (max-width: 640px) {
  .page { padding: 24px 16px 48px; }
  h1 { font-size: 26px; }
  section { margin-top: 40px; }
  .tiles { grid-template-columns: repeat(2, 1fr); gap: 16px; }
  .plot-row { grid-template-columns: 46px minmax(0, 1fr); }
  .readout { margin-left: 0; min-height: 4.5em; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tbody tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 2px 12px; padding: 10px 0; border-bottom: 1px solid var(--line); }
  .stack tbody th, .stack tbody td { display: block; padding: 0; border: 0; text-align: left; }
  .stack tbody th, .stack tbody td.bar-cell { grid-column: 1 / -1; }
  .stack td[data-label]::before { content: attr(data-label) " "; color: var(--soft); font-weight: 400; font-size: 13px; }
  .pairs th, .pairs td { display: block; border: 0; padding: 0; white-space: normal; }
  .pairs th { padding-top: 10px; font-size: 13px; }
}
@media print {
  :root { color-scheme: light;${LIGHT} --page: #fff; --text: #000; --soft: #444; --line: #bbb; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .page { max-width: none; padding: 0; }
  section { margin-top: 28px; }
  .card, .chart, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .command button, .readout, .live, .filter, .tabs, .theme, .permalink { display: none !important; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  .scroll { overflow: visible; }
}
`
