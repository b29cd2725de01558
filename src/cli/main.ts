#!/usr/bin/env node
import { VERSION } from '../version.ts';
import { AUDIT } from './audit.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';
import { EVENTS } from './events.ts';
import { REPLAY } from './replay.ts';

const COMMANDS: readonly Command[] = [AUDIT, EVENTS, REPLAY];

const HELP = `spanlog ${VERSION}

usage: spanlog <command> [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

spanlog <command> --help tells the options of a command.`;

/** Runs the command that the arguments name; returns the exit code: 0 success, 1 failure, 2 wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${HELP}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((other) => other.name === name);
  if (command === undefined) {
    process.stderr.write(`spanlog: there is no command ${JSON.stringify(name)}\n\n${HELP}\n`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${command.help}\n`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fix = error instanceof Error && 'fix' in error ? ` ${String(error.fix)}` : '';
    process.stderr.write(`spanlog ${name}: ${why}${fix}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`\n${command.help}\n`);
    return 2;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
