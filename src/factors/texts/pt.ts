import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minuto' : `${n} minutos`);

// The text message says `PIN`: the accent of `código` would cost more than half of its room (GSM 03.38 has no ó).
export const pt: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} é o seu PIN ${issuer}.`,
    ` Vale por ${minutes(n)}.`,
    ' Nunca o compartilhe.',
  ],
  call: ({ issuer }) => `Olá. Este é o seu código ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} é o seu código ${issuer}`,
    lead: `O seu código ${issuer} é`,
    use: `Digite-o onde ${issuer} o pedir. Vale por ${minutes(n)}.`,
    warning: `Nunca o compartilhe. Se não o pediu e tem uma conta em ${issuer}, troque a sua senha.`,
  }),
};
