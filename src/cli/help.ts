export const HELP = `express-mfa: looks after what express-mfa keeps

  express-mfa migrate status    tells which version the tables in PostgreSQL are of
  express-mfa migrate up        makes or updates them; safe to run from several places at once
  express-mfa migrate down      takes back the newest version, or goes back to --to <version>
  express-mfa reseal            seals everything with the newest secret, while the app runs
  express-mfa secret            prints a new random secret

migrate takes
  DATABASE_URL                  in the environment: postgresql://user:password@host/database
  --database-url <url>          instead, without a password: what is on a command line can be read by others
  --schema <name>               default public
  --to <version>                for down
  --drop-everything             for down to version 0, which deletes every enrolment and the audit log

reseal takes
  --config <file>               a module of yours that exports \`mfa\`, what createMfa returned (or a function that makes it)
  --cursor <text>               goes on where a run before was stopped
  --json                        prints the report as JSON

  --help, --version

Ends with 0 when all is well, 1 when something failed, 2 when it was asked wrongly, and 3 when something is left to look at.`;
