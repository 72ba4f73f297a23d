export type { Captcha, CaptchaAbout, CaptchaVerdict, CaptchaWhen, CaptchaWidget } from '../core/captcha.js';
export { type HcaptchaOptions, hcaptcha } from './hcaptcha.js';
export { type RecaptchaOptions, recaptcha } from './recaptcha.js';
export type { CaptchaOptions } from './site-verify.js';
export { type TurnstileOptions, turnstile } from './turnstile.js';
