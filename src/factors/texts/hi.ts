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
    use: `${issuer} में साइन इन करने के लिए इसे दर्ज करें। यह ${minutes} मिनट तक मान्य है।`,
    warning: 'हम आपसे यह कोड कभी नहीं मांगेंगे। अगर आपने साइन इन करने की कोशिश नहीं की, तो कोई आपका पासवर्ड जानता है: उसे बदल दें।',
  }),
};
