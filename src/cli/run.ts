import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { didYouMean } from '../core/did-you-mean.js';
import { MfaError } from '../core/errors.js';
import { EXIT, type Surroundings, UsageError } from './exit.js';
import { HELP } from './help.js';
import { migrateCommand } from './migrate.js';
import { resealCommand } from './reseal.js';

const COMMANDS = ['migrate', 'reseal', 'secret'];

/** Which options a command takes, so that one meant for another is not passed over in silence. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  migrate: ['database-url', 'schema', 'to', 'drop-everything'],
  reseal: ['config', 'cursor', 'json'],
  secret: [],
};

/** Does what the arguments ask for, and answers the exit code. Never throws. */
export async function run(given: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await command(given, around);
  } catch (error) {
    if (error instanceof UsageError || (error instanceof MfaError && error.code === 'set_up')) {
      around.err(`express-mfa: ${error.message}`);
      return EXIT.usage;
    }
    around.err(`express-mfa: ${failureOf(error)}`);
    return EXIT.failed;
  }
}

async function command(given: readonly string[], around: Surroundings): Promise<number> {
  const { values, positionals } = parsed(given);
  const [name, ...words] = positionals;
  if (values.help || (name === undefined && !values.version)) {
    around.out(HELP);
    return values.help ? EXIT.ok : EXIT.usage;
  }
  if (values.version) {
    around.out(version());
    return EXIT.ok;
  }
  const takes = TAKES[name ?? ''];
  if (!takes) throw new UsageError(`There is no command '${name}'.${didYouMean(name ?? '', COMMANDS)} See --help.`);
  const other = Object.keys(values).find((option) => !takes.includes(option));
  if (other !== undefined) throw new UsageError(`\`${name}\` takes no --${other}. See --help.`);
  if (name === 'migrate') {
    const { schema, to } = values;
    return await migrateCommand(around, words, {
      databaseUrl: values['database-url'],
      schema,
      to,
      dropEverything: values['drop-everything'],
    });
  }
  if (words.length > 0) throw new UsageError(`\`${name}\` takes no further words. See --help.`);
  if (name === 'reseal') return await resealCommand(around, values);
  around.out(randomBytes(32).toString('base64url'));
  return EXIT.ok;
}

function parsed(given: readonly string[]) {
  const options = {
    'database-url': { type: 'string' },
    schema: { type: 'string' },
    to: { type: 'string' },
    'drop-everything': { type: 'boolean' },
    config: { type: 'string' },
    cursor: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const;
  try {
    return parseArgs({ args: [...given], options, allowPositionals: true, strict: true });
  } catch (error) {
    const wrong = /'(--?[\w-]+)/.exec(String(error))?.[1] ?? '';
    const names = Object.keys(options).map((option) => `--${option}`);
    throw new UsageError(`${wrong || 'An option'} cannot be used like that.${didYouMean(wrong, names)} See --help.`);
  }
}

/** Messages of this library hold nothing secret; those of others may. */
function failureOf(error: unknown): string {
  if (error instanceof MfaError) return `${error.message} ${adviceFor(error.message)}`.trim();
  return error instanceof Error ? `an error of another part: ${error.name}.` : 'an error of another part.';
}

function adviceFor(message: string): string {
  if (/\b28(P01|000)\b/.test(message)) return 'The database does not know this user or password.';
  if (/\b3D000\b/.test(message)) return 'There is no such database; make it first.';
  if (message.startsWith('postgresStore')) return 'Is the server running, and is DATABASE_URL right?';
  return 'What was done stays done; run it again when the store answers.';
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
