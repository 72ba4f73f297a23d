export type { About, MfaApi, UserFactors } from './api.js';
export type { Captcha, CaptchaAbout, CaptchaVerdict, CaptchaWidget } from './core/captcha.js';
export { checkQuery, checkRefs, checkRows, checkStep } from './core/check-step.js';
export type {
  CallContext,
  Channel,
  CheckResult,
  CodeOwner,
  Delivery,
  FailureClass,
  Offer,
  SendJob,
  SendResult,
  VendorDetail,
} from './core/delivery.js';
export type { Duration } from './core/duration.js';
export { ERRORS, type ErrorCode, MfaError, type Refusal } from './core/errors.js';
export type { EventType, MfaEvent } from './core/events.js';
export type {
  Answer,
  BegunEnrolment,
  EnrolmentDisplay,
  Factor,
  FactorContext,
  ImportedEnrolment,
  Input,
  PreparedSend,
  SendInput,
  Sending,
  Transmitted,
  Verdict,
} from './core/factor.js';
export type { LookupContext, NumberFact, NumberFacts, NumberLookup } from './core/number-lookup.js';
export type { PhoneType } from './core/phone-numbers.js';
export type {
  Commit,
  Committed,
  Condition,
  Count,
  CounterWrite,
  Hit,
  Json,
  LogPage,
  LogQuery,
  LogRow,
  OwnerPage,
  OwnerQuery,
  Ref,
  Store,
  StoredRecord,
  Write,
} from './core/store.js';
export { checkName, fromText, LONGEST_NAME, toText } from './core/stored-name.js';
export type { Enrolment, Grant, HostUser, Proof, RequestFacts, Subject, UserId } from './core/words.js';
export { createMfa, type Mfa } from './create-mfa.js';
export { type Inbox, type InboxMessage, type InboxOptions, inbox } from './delivery/inbox.js';
export { type BackupCodesOptions, backupCodes } from './factors/backup-codes.js';
export { type EmailCodeOptions, email } from './factors/email-codes.js';
export type { MailText } from './factors/email-text.js';
export type { TextOption } from './factors/own-text.js';
export type { PhoneChannel, PhoneChannelOptions } from './factors/phone-channels.js';
export {
  flashCall,
  type PhoneFactorChannel,
  type PhoneOptions,
  phone,
  type SentCodeOptions,
  sms,
  voice,
  whatsapp,
} from './factors/phone-codes.js';
export type { CodeAbout } from './factors/sent-code.js';
export { type TotpOptions, totp } from './factors/totp.js';
export type { UserExport } from './flows/export-user.js';
export type { ResealOptions, ResealProgress, ResealReport } from './flows/reseal-all.js';
export type { UnreadableRecord } from './flows/reseal-owner.js';
export { type Copy, copy } from './http/copy.js';
export { type CopyOverrides, copyWith } from './http/copy-with.js';
export type { GateOptions } from './http/gate.js';
export type { ChallengeAnswer } from './http/http-deps.js';
export type { HostLayout } from './http/pages/layout.js';
export type { ImportOptions, ImportReport, TotpRow } from './import-totp.js';
export type { AuditPage, AuditQuery } from './ops/audit.js';
export type { HealthRouterOptions } from './ops/health-router.js';
export type { Listener } from './ops/listeners.js';
export type { ConversionOptions, LimitOptions } from './options/limits.js';
export type { MfaOptions, UsersOptions } from './options/mfa-options.js';
export type { PriceOptions } from './options/prices.js';
export type { LookupOptions, RiskOptions } from './options/risk.js';
export type { WebhookOptions } from './options/webhooks.js';
export { MfaStrategy, type StrategyName } from './passport/strategy.js';
export type { RiskAction, RiskFacts, RiskReason, RiskSignal, RiskThresholds } from './policy/risk.js';
export type { Rule, RulePredicate } from './policy/rules.js';
export type { Policy } from './policy/sign-in-verdict.js';
export { type MemoryStoreOptions, memoryStore } from './stores/memory.js';
export { type TieredOptions, tiered } from './stores/tiered.js';
export { type Kms, rewrapSecret, unwrapSecrets, type WrappedSecretOptions, wrapSecret } from './wrapped-secrets.js';
