import type { Wording } from './wording.js';

export const zh: Wording = {
  message: ({ code, issuer, minutes }) => [
    `${code} 是您的 ${issuer} 验证码。`,
    `${minutes} 分钟内有效。`,
    '请勿告诉任何人。',
  ],
  call: ({ issuer }) => `您好，这是您的 ${issuer} 验证码。`,
  mail: ({ code, issuer, minutes }) => ({
    subject: `${code} 是您的 ${issuer} 验证码`,
    lead: `您的 ${issuer} 验证码是`,
    use: `请在 ${issuer} 的页面上输入。${minutes} 分钟内有效。`,
    warning: `请勿告诉任何人。如果不是您本人索取，且您有 ${issuer} 账户，请修改密码。`,
  }),
};
