import { formatCount } from '../chart.ts';
import type { BenchOptions } from '../options.ts';
import type { MeasureName, Results } from '../results.ts';
import { serverRow } from './rounds.ts';
import type { ServerName } from './server-list.ts';
import { loadServer, SERVER_BASELINE } from './server-list.ts';

/** The part of `RESULTS.md` about requests, paragraph by paragraph; nothing when no server was run. */
export async function requestsSection({ servers, requests }: BenchOptions, results: Results): Promise<string[]> {
  if (servers.length === 0) return [];
  const cell = (server: ServerName, measure: MeasureName, format: (value: number) => string): string => {
    const figure = results.figure(serverRow(server), measure, serverRow(SERVER_BASELINE));
    if (figure === undefined) return '–';
    return format(figure.value) + (figure.ratio === undefined ? '' : ` (${figure.ratio.toFixed(2)})`);
  };
  const lines = servers.map(async (server) => {
    const { title, ours, linesPerRequest } = await loadServer(server);
    const cells = [
      ours ? `**${title}**` : title,
      linesPerRequest,
      cell(server, 'requestsPerSecond', formatCount),
      cell(server, 'requestP99', (ms) => `${ms.toFixed(1)} ms`),
      cell(server, 'requestCpu', (ns) => `${(ns / 1_000).toFixed(1)} µs`),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '## Requests',
    `A fastify server under ${formatCount(requests)} requests, and in brackets the ratio to the server without request ` +
      'logging of the same round. spanlog redacts; the others do not.',
    [
      '| | records a request | requests a second | p99 | CPU of the server, a request |',
      '|---|--:|--:|--:|--:|',
      ...(await Promise.all(lines)),
    ].join('\n'),
  ];
}
