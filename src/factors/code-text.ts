/** What a text message says. The last line lets browsers offer the code on the right site only (WebOTP, origin-bound one-time codes). */
export function codeText(about: {
  readonly code: string;
  readonly issuer: string;
  readonly host: string;
  readonly minutes: number;
}): string {
  const { code, issuer, host, minutes } = about;
  return `${code} is your ${issuer} code. It works for ${minutes} minutes. We will never ask you for it.\n\n@${host} #${code}`;
}

/** What a call says; the delivery spells the digits out. */
export function spokenText({ issuer }: { readonly issuer: string }): string {
  return `Hello. Here is your ${issuer} code.`;
}
