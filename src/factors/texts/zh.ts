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
    use: `请用它登录 ${issuer}。${minutes} 分钟内有效。`,
    warning: '我们绝不会向您索要验证码。如果不是您在登录，说明有人知道您的密码，请修改密码。',
  }),
};
