import type { Wording } from './wording.js';

export const ko: Wording = {
  message: ({ code, issuer, minutes }) => [
    `${code} ${issuer} 인증번호입니다.`,
    ` ${minutes}분간 유효합니다.`,
    ' 타인에게 알려주지 마세요.',
  ],
  call: ({ issuer }) => `안녕하세요. ${issuer} 인증번호를 알려드립니다.`,
  mail: ({ code, issuer, minutes }) => ({
    subject: `${code} ${issuer} 인증번호입니다`,
    lead: `${issuer} 인증번호`,
    use: `${issuer} 화면에 입력하세요. ${minutes}분간 유효합니다.`,
    warning: `타인에게 알려주지 마세요. 요청하지 않으셨고 ${issuer} 계정이 있다면 비밀번호를 변경하세요.`,
  }),
};
