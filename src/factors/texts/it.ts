import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minuto' : `${n} minuti`);

export const it: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} è il tuo codice ${issuer}.`,
    ` Vale ${minutes(n)}.`,
    ' Non comunicarlo a nessuno.',
  ],
  call: ({ issuer }) => `Ciao. Ecco il tuo codice ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} è il tuo codice ${issuer}`,
    lead: `Il tuo codice ${issuer} è`,
    use: `Inseriscilo dove ${issuer} te lo chiede. Vale ${minutes(n)}.`,
    warning: `Non comunicarlo a nessuno. Se non lo hai richiesto e hai un account ${issuer}, cambia la password.`,
  }),
};
