import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minute' : `${n} minutes`);

export const en: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} is your ${issuer} code.`,
    ` It works for ${minutes(n)}.`,
    ' Do not share it with anyone.',
  ],
  call: ({ issuer }) => `Hello. Here is your ${issuer} code.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} is your ${issuer} code`,
    lead: `Your ${issuer} code is`,
    use: `Enter it where ${issuer} asks for it. It works for ${minutes(n)}.`,
    warning: `Do not share it with anyone. If you did not ask for it and have an account with ${issuer}, change your password.`,
  }),
};
