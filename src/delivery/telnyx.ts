/** `express-mfa/telnyx`: codes sent by Telnyx. */
export { type TelnyxLookupOptions, telnyxLookup } from './telnyx-lookup.js';
export { type TelnyxMessagesOptions, telnyxMessages } from './telnyx-messages.js';
export { type TelnyxVerifyChannel, type TelnyxVerifyOptions, telnyxVerify } from './telnyx-verify.js';
