import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 Minute' : `${n} Minuten`);

export const de: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} ist Ihr Code für ${issuer}.`,
    ` Er gilt ${minutes(n)}.`,
    ' Wir fragen Sie nie danach.',
  ],
  call: ({ issuer }) => `Guten Tag. Hier ist Ihr Code für ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} ist Ihr Code für ${issuer}`,
    lead: `Ihr Code für ${issuer} lautet`,
    use: `Geben Sie ihn ein, um sich bei ${issuer} anzumelden. Er gilt ${minutes(n)}.`,
    warning:
      'Wir fragen Sie nie danach. Wenn Sie sich nicht anmelden wollten, kennt jemand Ihr Passwort: Ändern Sie es.',
  }),
};
