import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minuto' : `${n} minuti`);

export const it: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} è il tuo codice ${issuer}.`,
    ` Vale ${minutes(n)}.`,
    ' Non te lo chiederemo mai.',
  ],
  call: ({ issuer }) => `Ciao. Ecco il tuo codice ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} è il tuo codice ${issuer}`,
    lead: `Il tuo codice ${issuer} è`,
    use: `Inseriscilo per accedere a ${issuer}. Vale ${minutes(n)}.`,
    warning: 'Non te lo chiederemo mai. Se non stavi cercando di accedere, qualcuno conosce la tua password: cambiala.',
  }),
};
