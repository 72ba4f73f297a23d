/** `express-mfa/twilio`: codes through Twilio, with a client of the official SDK that the host passes in. */
export { type TwilioCallsOptions, twilioCalls } from './twilio-calls.js';
export type { TwilioClient } from './twilio-client.js';
export { type TwilioLookupClient, type TwilioLookupOptions, twilioLookup } from './twilio-lookup.js';
export { type TwilioMessagesOptions, twilioMessages } from './twilio-messages.js';
export { type TwilioVerifyChannel, type TwilioVerifyOptions, twilioVerify } from './twilio-verify.js';
