import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minute' : `${n} minutes`);

export const en: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} is your ${issuer} code.`,
    ` It works for ${minutes(n)}.`,
    ' We will never ask you for it.',
  ],
  call: ({ issuer }) => `Hello. Here is your ${issuer} code.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} is your ${issuer} code`,
    lead: `Your ${issuer} code is`,
    use: `Enter it to sign in to ${issuer}. It works for ${minutes(n)}.`,
    warning: 'We will never ask you for it. If you did not try to sign in, somebody knows your password: change it.',
  }),
};
