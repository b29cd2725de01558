import type { MeasureName, Results } from './results.ts';
import type { RowName } from './peer-list.ts';

/** One row of the picture. */
export interface ChartRow {
  name: RowName;
  title: string;
  ours: boolean;
}

interface Panel {
  measure: MeasureName;
  title: string;
  note: string;
  text: (value: number) => string;
  full?: number;
}

const PANELS: readonly Panel[] = [
  { measure: 'call', title: 'in the call', note: 'ns a record', text: formatCount },
  { measure: 'mainThread', title: 'main thread in all', note: 'ns a record', text: formatCount },
  { measure: 'cpu', title: 'CPU in all', note: 'ns a record', text: formatCount },
  { measure: 'memory', title: 'queued in memory', note: 'MB', text: (bytes) => formatCount(bytes / 1e6) },
  { measure: 'burstAtOnce', title: 'burst delivered', note: '% · longer is better', text: formatPercent, full: 1 },
];

const WIDTH = 1_080;
const LABEL_WIDTH = 252;
const PANEL_WIDTH = 164;
const VALUE_WIDTH = 46;
const ROW_HEIGHT = 26;
const BAR_HEIGHT = 14;
const HEAD_HEIGHT = 86;
const FOOT_HEIGHT = 34;

/**
 * Draws the results as a bar chart: a row a peer, a panel a measure. The picture brings its own ground, in a light and
 * a dark form, so that it reads on any page.
 */
export function drawChart(rows: readonly ChartRow[], results: Results, heading: string, footing: string): string {
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + FOOT_HEIGHT;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(heading)}</title>`,
    STYLE,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    text(18, 30, 'heading', heading),
  ];
  rows.forEach((row, index) => {
    const middle = HEAD_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
    parts.push(text(LABEL_WIDTH - 10, middle + 4, row.ours ? 'label ours' : 'label', row.title));
  });
  PANELS.forEach((panel, index) => parts.push(...drawPanel(panel, LABEL_WIDTH + index * PANEL_WIDTH, rows, results)));
  parts.push(text(18, height - 13, 'note', footing), '</svg>');
  return `${parts.join('\n')}\n`;
}

function drawPanel(panel: Panel, left: number, rows: readonly ChartRow[], results: Results): string[] {
  const values = rows.map((row) => results.figure(row.name, panel.measure)?.value);
  const longest = panel.full ?? Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const room = PANEL_WIDTH - VALUE_WIDTH - 10;
  const parts = [text(left, 58, 'panel', panel.title), text(left, 74, 'note', panel.note)];
  values.forEach((value, index) => {
    if (value === undefined || !Number.isFinite(value)) return;
    const top = HEAD_HEIGHT + index * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2;
    const length = Math.max(1, (value / longest) * room);
    const kind = rows[index]?.ours === true ? 'bar ours' : 'bar';
    parts.push(
      `<rect class="${kind}" x="${left}" y="${top}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
      text(left + length + 5, top + BAR_HEIGHT - 3, 'value', panel.text(value)),
    );
  });
  return parts;
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escapeXml(content)}</text>`;
}

/** An integer with thousands set apart, as in the tables. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A share of 1 as a percentage; never rounded up to 100. */
export function formatPercent(share: number): string {
  return share >= 1 ? '100' : String(Math.floor(share * 1_000) / 10);
}

function escapeXml(content: string): string {
  return content.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `<style>
text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328 }
.heading { font-size: 16px; font-weight: 600 }
.panel { font-weight: 600 }
.note { font-size: 11px; fill: #59636e }
.label { text-anchor: end }
.label.ours { font-weight: 600 }
.value { font-size: 11px }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.bar { fill: #8c959f }
.bar.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9198a1 }
  .ground { fill: #151b23; stroke: #3d444d }
  .bar { fill: #656c76 }
  .bar.ours { fill: #4493f8 }
}
</style>`;
