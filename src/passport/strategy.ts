import type { Request } from 'express';
import { Strategy } from 'passport-strategy';
import { ERRORS, MfaError, type Refusal } from '../core/errors.js';
import type { Input } from '../core/factor.js';
import type { Asking } from '../flows/account.js';
import type { FlowDeps } from '../flows/deps.js';
import { pickFactor } from '../flows/pick-factor.js';
import type { Ticket } from '../flows/ticket.js';
import { verifyChallenge } from '../flows/verify-challenge.js';
import type { RequestStates } from '../session/request-state.js';

/** Which factors each strategy takes: any, the authenticator app, a code that was sent, a backup code. */
const KINDS = {
  mfa: undefined,
  'mfa-totp': ['totp'],
  'mfa-code': ['phone', 'sms', 'voice', 'whatsapp', 'flash-call', 'email'],
  'mfa-backup-code': ['backup-codes'],
} as const satisfies Record<string, readonly string[] | undefined>;

export type StrategyName = keyof typeof KINDS;

declare module 'passport' {
  interface AuthenticateOptions {
    /** Leaves this one door open, for tokens that were themselves issued after a second factor. Only with `session: false`. */
    mfa?: 'exempt';
  }
}

export interface StrategyDeps {
  readonly flows: FlowDeps;
  readonly states: RequestStates<Ticket>;
  readonly askingOf: (req: Request) => Asking | undefined;
}

/**
 * For hosts with routes of their own: `passport.use(mfa.strategy('mfa-totp'))`, then `passport.authenticate('mfa-totp')` on the route that takes `{ code, factorId?,
 * challengeId?, captchaToken? }`. Success goes through the gate like every log-in. A refusal fails with `{ message, code, attemptsLeft?, captcha? }` and its status;
 * what the code was for and who is asking come from the session.
 */
export class MfaStrategy extends Strategy {
  readonly name: StrategyName;
  // Passport runs on Object.create(strategy): private fields of the language would not be found.
  private readonly deps: StrategyDeps;

  constructor(deps: StrategyDeps, name: StrategyName = 'mfa') {
    super();
    if (!Object.hasOwn(KINDS, name)) {
      throw new MfaError(
        'set_up',
        `mfa.strategy: there is no \`${name}\`. Write one of ${Object.keys(KINDS).join(', ')}.`,
      );
    }
    this.name = name;
    this.deps = deps;
  }

  /** Always ends in exactly one action, also where something throws later: Passport does not wait for promises. */
  override authenticate(req: Request, options?: unknown): void {
    const asking = this.deps.askingOf(req);
    const wanted = (options ?? {}) as { readonly session?: unknown; readonly assignProperty?: unknown };
    const misuse = this.misuse(req, asking, wanted);
    if (misuse) return this.error(new MfaError('set_up', `express-mfa: ${misuse}`));
    this.check(req, asking)
      .then((outcome) => {
        if ('refusal' in outcome) return this.refuse(req, outcome.refusal);
        this.succeed(req, outcome.ticket, wanted);
      })
      // Also what the host's own callback throws: nobody else waits for this promise.
      .catch((error: unknown) =>
        this.error(error instanceof MfaError ? error : new MfaError('unavailable', undefined, { cause: error })),
      );
  }

  /** What could not end well, said before a code is spent on it. */
  private misuse(
    req: Request,
    asking: Asking | undefined,
    { session, assignProperty }: { readonly session?: unknown; readonly assignProperty?: unknown },
  ): string | undefined {
    if (!this.deps.states.get(req))
      return 'a strategy was used without the gate. Add `app.use(mfa.gate())` after `passport.session()`.';
    if (session === false)
      return `\`session: false\` does not go with '${this.name}': what is proved is kept in the session.`;
    if (assignProperty && asking?.visitor.state === 'pending')
      return `\`assignProperty\` signs nobody in, and the code would be spent. Leave it out, or use a callback and \`req.logIn(user, done)\`.`;
    return undefined;
  }

  private async check(req: Request, asking: Asking | undefined): Promise<{ ticket: Ticket } | { refusal: Refusal }> {
    if (!asking) return { refusal: { ok: false, code: 'sign_in_required' } };
    const input = fieldsOf(req);
    const factorId = textOf(input.factorId) ?? (await pickFactor(this.deps.flows, asking, input, KINDS[this.name]));
    if (typeof factorId === 'object') return { refusal: factorId };
    const kinds: readonly string[] | undefined = KINDS[this.name];
    if (kinds && !kinds.includes(factorId.split('.')[0] ?? '')) return { refusal: { ok: false, code: 'not_found' } };
    const challengeId = textOf(input.challengeId);
    const verified = await verifyChallenge(this.deps.flows, asking, {
      factorId,
      input,
      ...(challengeId === undefined ? {} : { challengeId }),
    });
    return verified.ok ? { ticket: verified.ticket } : { refusal: verified };
  }

  private succeed(req: Request, ticket: Ticket, { assignProperty }: { readonly assignProperty?: unknown }): void {
    const state = this.deps.states.get(req);
    // With `assignProperty` no log-in follows: the code was right, once, for this request.
    if (state && !assignProperty) state.ticket = ticket;
    this.success(ticket.subject.user, { amr: ticket.grants.flatMap(({ amr }) => amr) });
  }

  private refuse(req: Request, refusal: Refusal): void {
    const { status, title } = ERRORS[refusal.code];
    if (status === 503) return this.error(new MfaError(refusal.code));
    if (refusal.retryAfterMs !== undefined) req.res?.set('Retry-After', String(Math.ceil(refusal.retryAfterMs / 1000)));
    const { code, attemptsLeft, captcha } = refusal;
    const facts = { ...(attemptsLeft === undefined ? {} : { attemptsLeft }), ...(captcha ? { captcha } : {}) };
    this.fail({ message: title, code, ...facts }, status);
  }
}

function fieldsOf(req: Request): Input {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Input) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 512 ? value : undefined;
}
