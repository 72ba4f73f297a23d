/** Every text a person reads on the pages, by page. Hosts override any leaf; the values a sentence needs come in as one typed object. */
import { backupCodes } from './copy/backup-codes.js';
import { captcha, challenge } from './copy/challenge.js';
import { errorPage, errors } from './copy/errors.js';
import { kindHints, kinds } from './copy/kinds.js';
import { enrol, totp } from './copy/set-up.js';
import { confirm, factors, rename } from './copy/settings.js';

export type { ErrorFacts } from './copy/errors.js';

export const copy = {
  lang: 'en',
  dir: 'ltr',
  documentTitle: ({ heading, issuer, error }: { heading: string; issuer: string; error: boolean }) =>
    `${error ? 'Error: ' : ''}${heading} - ${issuer}`,
  kinds,
  kindHints,
  errors,
  summaryTitle: 'There is a problem',
  errorPrefix: 'Error:',
  account: 'Account',
  continue: 'Continue',
  cancel: 'Cancel',
  statuses: {
    code_sent: 'A code is on its way to you',
    code_delivered: 'The code has been delivered to you',
    code_undelivered: 'The code could not be delivered. Try another way, or ask for a new code',
    factor_added: 'Added. You can use it the next time you sign in',
    factor_removed: 'Removed',
    factor_renamed: 'The name is changed',
    codes_saved: 'Your backup codes are ready to use',
    disabled: 'Two-step sign-in is turned off',
  },
  challenge,
  captcha,
  enrol,
  totp,
  backupCodes,
  factors,
  confirm,
  rename,
  errorPage,
};

export type Copy = typeof copy;
