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
    use: `請在 ${issuer} 的頁面上輸入。${minutes} 分鐘內有效。`,
    warning: `請勿告訴任何人。如果不是您本人索取，且您有 ${issuer} 帳戶，請變更密碼。`,
  }),
};
