import type { Wording } from './wording.js';

export const zhHant: Wording = {
  message: ({ code, issuer, minutes }) => [
    `${code} 是您的 ${issuer} 驗證碼。`,
    `${minutes} 分鐘內有效。`,
    '請勿告訴任何人。',
  ],
  call: ({ issuer }) => `您好，這是您的 ${issuer} 驗證碼。`,
  mail: ({ code, issuer, minutes }) => ({
    subject: `${code} 是您的 ${issuer} 驗證碼`,
    lead: `您的 ${issuer} 驗證碼是`,
    use: `請用它登入 ${issuer}。${minutes} 分鐘內有效。`,
    warning: '我們絕不會向您索取驗證碼。如果不是您在登入，表示有人知道您的密碼，請變更密碼。',
  }),
};
