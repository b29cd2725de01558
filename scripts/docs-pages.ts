import { defaultText } from '../src/config/setting-reader.ts';
import type { SettingPath } from '../src/config/setting-values.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { SETTING_CODES } from '../src/core/errors.ts';

/** Sections of the page: which rows they show, and what is to be said before them. */
const SECTIONS: readonly { title: string; rows: RegExp; intro: string }[] = [
  {
    title: 'Levels',
    rows: /^level(s|Signal|SignalForMs)?$/,
    intro:
      'A level is `trace`, `debug`, `info`, `warn` (`warning`), `error`, `fatal` (`critical`) in any case, an OTel severity ' +
      'number 1–24, or `off`. [Levels](levels.md) tells how they change while the process runs.',
  },
  {
    title: 'The service and its resource',
    rows: /^(service\.|resource)/,
    intro:
      'Code wins over `OTEL_SERVICE_NAME`, this over `OTEL_RESOURCE_ATTRIBUTES`, this over what is detected: `host.name`, ' +
      '`process.pid`, `process.runtime.name`, `process.runtime.version`, `thread.id` in a worker thread, and what stands ' +
      'below. `telemetry.sdk.*` and `telemetry.distro.*` name spanlog. A list with an entry that does not parse is ' +
      'ignored as a whole, as the specification wants it.',
  },
  {
    title: 'Redaction',
    rows: /^redact/,
    intro: 'On by default. A word in `SPANLOG_REDACT` that is neither `true` nor `false` leaves it on.',
  },
  {
    title: 'Flight recorder',
    rows: /^flightRecorder/,
    intro: 'Off by default. See [flight recorder](flight-recorder.md).',
  },
  {
    title: 'Volume',
    rows: /^(sample|rateLimit|dedupe)/,
    intro:
      'Shares are from 0 (none) to 1 (all), or `1/100`, `1 in 100`. Limits are `100/s`, `1000/min`, `600/h burst 50`, or `off`. ' +
      '[Volume](volume.md) tells what each does.',
  },
  {
    title: 'Events and policy',
    rows: /^(catalogue|policy\.)/,
    intro: 'See [events](events.md) and [the logging policy](logging-policy.md).',
  },
  { title: 'Audit', rows: /^audit\./, intro: 'See [the audit stream](audit.md).' },
  {
    title: 'Audit files: `auditFile({ … })`',
    rows: /^auditFile\./,
    intro: 'These hold for one destination.',
  },
  {
    title: 'Errors',
    rows: /^expectedErrors$/,
    intro: 'See [failures](failures.md).',
  },
  {
    title: 'Between services',
    rows: /^(propagate\.|baggage)/,
    intro: 'See [propagation](propagation.md).',
  },
  {
    title: 'Destinations',
    rows: /^(destinations|format)$/,
    intro:
      'Where `destinations` is not given, `SPANLOG_DESTINATIONS` and `OTEL_LOGS_EXPORTER` decide, and where they are unset: ' +
      'with `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT` OTLP, and the console as well on a terminal ' +
      '(with `NODE_ENV=production` only if `format` is set); with neither the console alone. A malformed endpoint counts ' +
      'as none. `SPANLOG_DESTINATIONS` is for processes where `OTEL_LOGS_EXPORTER=none` keeps another SDK from exporting ' +
      'logs. If everything in `destinations` is wrong, the same rules apply as if it were not given.',
  },
  {
    title: 'OTLP: `otlp({ … })`',
    rows: /^otlp\./,
    intro:
      'These hold for one destination. `url` and `endpoint` in code win over both variables; of the variables the one for ' +
      'logs wins. A user and password in a URL become an `Authorization` header. With `grpc` in a variable, spanlog sends ' +
      'http/protobuf to the same host: port 4317 becomes 4318, and an address without a scheme gets `https`, or `http` ' +
      'with `OTEL_EXPORTER_OTLP_INSECURE=true`.',
  },
  {
    title: 'Console: `consolePretty({ … })`, `jsonLines({ … })`',
    rows: /^console\./,
    intro: 'These hold for one destination; `console.` stands for its options.',
  },
  { title: 'SDK exporters: `sdkExporter(exporter, { … })`', rows: /^sdk\./, intro: 'These hold for one destination.' },
  {
    title: 'Durability',
    rows: /^(durability|onFull|recordUid|spool\.)/,
    intro:
      'Which records survive which end. A spool is made only where `durability` is `disk` or `sync`, or `onFull` is ' +
      '`spill`. [Endings](endings.md) has the guarantees, and what was measured.',
  },
  { title: 'Limits', rows: /^limits\./, intro: 'Everything that can grow has a bound.' },
  { title: 'In general', rows: /^(configFile|strict|disabled|takeOverGlobals|warnings|diagnosticLevel)$/, intro: '' },
];

/** `docs/settings.md`, from the table of settings. */
export function settingsPage(): string {
  const paths = Object.keys(SETTINGS) as SettingPath[];
  const sections = SECTIONS.flatMap(({ title, rows: shown, intro }) => [
    `## ${title}`,
    '',
    ...(intro === '' ? [] : [intro, '']),
    '| setting | what it does | values | default | variables |',
    '| --- | --- | --- | --- | --- |',
    ...paths.filter((path) => shown.test(path)).map(rowText),
    '',
  ]);
  const misplaced = paths.filter((path) => SECTIONS.filter(({ rows }) => rows.test(path)).length !== 1);
  if (misplaced.length > 0) throw new Error(`In no section, or in two: ${misplaced.join(', ')}`);
  return [
    '# Settings',
    '',
    '<!-- Made by `npm run docs` from src/config/settings.ts; changes belong there. -->',
    '',
    'Code (`register({ … })`) wins over variables, variables over the configuration file (`configFile`), it over defaults,',
    'value by value. In the file each setting stands where it stands below: `{ "levels": { "db": "warn" }, "otlp": {',
    '"endpoint": … } }`; `otlp`, `console` and `sdk` hold for each such destination. Of several variables the first',
    'one that is set wins. Maps (`levels`, headers, rates, …) and lists of redaction are joined: a variable adds to what',
    'code says, and code wins entry by entry. An empty variable counts as unset. A wrong value is named once on stderr,',
    'with its code, origin and remedy ([errors](errors.md)), and counts as not given; with `strict` it throws.',
    '`logging.explain()` lists what is in force and where each value came from; headers are secrets, and never shown.',
    '',
    ...sections,
  ].join('\n');
}

function rowText(path: SettingPath): string {
  const { text, type, env } = SETTINGS[path];
  const cells = [`\`${path}\``, text, type.label, defaultCell(path), env.map(variableText).join(', ') || '–'];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultCell(path: SettingPath): string {
  const text = defaultText(path);
  if (SETTINGS[path].fallbackText !== undefined || text === 'none') return text;
  const sizeMiB = Number(text) / 1_048_576;
  return Number.isInteger(sizeMiB) && sizeMiB > 0 ? `\`${text}\` (${sizeMiB} MiB)` : `\`${text}\``;
}

/** `OTEL_RESOURCE_ATTRIBUTES service.name` is one attribute of a list. */
function variableText(source: string): string {
  const [variable = '', attribute] = source.split(' ');
  return attribute === undefined ? `\`${variable}\`` : `\`${attribute}\` in \`${variable}\``;
}

/** `docs/errors.md`, from the table of codes. */
export function errorsPage(): string {
  return [
    '# Error codes',
    '',
    '<!-- Made by `npm run docs` from src/core/errors.ts; changes belong there. -->',
    '',
    'What is wrong with a setting is said as `CODE: setting is value (from origin). Remedy.` The codes are stable.',
    '',
    ...Object.entries(SETTING_CODES).flatMap(([code, text]) => [`## ${code}`, '', text, '']),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
