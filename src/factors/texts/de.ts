import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 Minute' : `${n} Minuten`);

export const de: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} ist Ihr Code für ${issuer}.`,
    ` Er gilt ${minutes(n)}.`,
    ' Geben Sie ihn niemandem weiter.',
  ],
  call: ({ issuer }) => `Guten Tag. Hier ist Ihr Code für ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} ist Ihr Code für ${issuer}`,
    lead: `Ihr Code für ${issuer} lautet`,
    use: `Geben Sie ihn dort ein, wo ${issuer} danach fragt. Er gilt ${minutes(n)}.`,
    warning: `Geben Sie ihn niemandem weiter. Wenn Sie ihn nicht angefordert haben und ein Konto bei ${issuer} haben, ändern Sie Ihr Passwort.`,
  }),
};
