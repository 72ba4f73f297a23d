import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minute' : `${n} minutes`);

export const fr: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} est votre code ${issuer}.`,
    ` Il est valable ${minutes(n)}.`,
    ' Nous ne vous le demanderons jamais.',
  ],
  call: ({ issuer }) => `Bonjour. Voici votre code ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} est votre code ${issuer}`,
    lead: `Votre code ${issuer} est`,
    use: `Saisissez-le pour vous connecter à ${issuer}. Il est valable ${minutes(n)}.`,
    warning:
      "Nous ne vous le demanderons jamais. Si vous n'avez pas essayé de vous connecter, quelqu'un connaît votre mot de passe : changez-le.",
  }),
};
