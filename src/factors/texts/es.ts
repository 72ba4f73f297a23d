import type { Wording } from './wording.js';

const minutes = (n: number) => (n === 1 ? '1 minuto' : `${n} minutos`);

// The text message says `clave`: the accent of `código` would cost more than half of its room (GSM 03.38 has no ó).
export const es: Wording = {
  message: ({ code, issuer, minutes: n }) => [
    `${code} es su clave de ${issuer}.`,
    ` Vale ${minutes(n)}.`,
    ' No la comparta con nadie.',
  ],
  call: ({ issuer }) => `Hola. Este es su código de ${issuer}.`,
  mail: ({ code, issuer, minutes: n }) => ({
    subject: `${code} es su código de ${issuer}`,
    lead: `Su código de ${issuer} es`,
    use: `Escríbalo donde ${issuer} se lo pida. Vale ${minutes(n)}.`,
    warning: `No lo comparta con nadie. Si no lo ha pedido y tiene una cuenta en ${issuer}, cambie su contraseña.`,
  }),
};
