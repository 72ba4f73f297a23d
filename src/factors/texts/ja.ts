import type { Wording } from './wording.js';

export const ja: Wording = {
  message: ({ code, issuer, minutes }) => [
    `${code} は${issuer}の確認コードです。`,
    `${minutes}分間有効です。`,
    '他人に教えないでください。',
  ],
  call: ({ issuer }) => `こちらは${issuer}です。確認コードをお知らせします。`,
  mail: ({ code, issuer, minutes }) => ({
    subject: `${code} は${issuer}の確認コードです`,
    lead: `${issuer}の確認コード`,
    use: `${issuer}の画面で入力してください。${minutes}分間有効です。`,
    warning: `他人に教えないでください。お心当たりがなく、${issuer}のアカウントをお持ちの場合は、パスワードを変更してください。`,
  }),
};
