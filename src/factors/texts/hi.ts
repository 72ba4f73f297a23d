import type { Wording } from './wording.js';

// No voice for calls that can be counted on speaks it (the standard ones of Twilio do not), so there is no `call`.
export const hi: Wording = {
  message: ({ code, issuer, minutes }) => [
    `${code} आपका ${issuer} कोड है।`,
    ` ${minutes} मिनट तक मान्य।`,
    ' किसी को न बताएं।',
  ],
  mail: ({ code, issuer, minutes }) => ({
    subject: `${code} आपका ${issuer} कोड है`,
    lead: `आपका ${issuer} कोड है`,
    use: `इसे ${issuer} के पेज पर दर्ज करें। यह ${minutes} मिनट तक मान्य है।`,
    warning: `इसे किसी को न बताएं। अगर आपने इसे नहीं मांगा और ${issuer} पर आपका खाता है, तो अपना पासवर्ड बदल दें।`,
  }),
};
