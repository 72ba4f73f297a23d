import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minute' : `${n} minutes`);

export const fr: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} est votre code ${issuer}.`,
    ` Il est valable ${minutes(n)}.`,
    ' Ne le communiquez à personne.',
  ],
  call: ({ issuer }) => `Bonjour. Voici votre code ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} est votre code ${issuer}`,
    lead: `Votre code ${issuer} est`,
    use: `Saisissez-le là où ${issuer} vous le demande. Il est valable ${minutes(n)}.`,
    warning: `Ne le communiquez à personne. Si vous ne l'avez pas demandé et que vous avez un compte chez ${issuer}, changez votre mot de passe.`,
  }),
};
