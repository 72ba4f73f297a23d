/** What people read and hear of a code, in their language. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { spokenCode } from '../../src/delivery/spoken-code.js';
import { codeText, spokenText } from '../../src/factors/code-text.js';
import { codeMail } from '../../src/factors/email-text.js';
import { readText } from '../../src/factors/own-text.js';
import { WORDINGS } from '../../src/factors/texts/languages.js';
import { segmentsOf } from '../../src/factors/texts/segments.js';
import { type Delivery, email, inbox, type SendJob, sms, totp, voice } from '../../src/index.js';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';

const ABOUT = { code: '482913', issuer: 'Acme', host: 'acme.example', minutes: 5 };
const LANGUAGES = Object.keys(WORDINGS);
const in_ = (locale: string | undefined) => (locale === undefined ? ABOUT : { ...ABOUT, locale });

describe('how long a text is', () => {
  it.each([
    ['', 1],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    // A character that takes two places is not divided: 76 of them fit into 153.
    ['€'.repeat(152), 2],
    ['€'.repeat(153), 3],
    ['ó'.repeat(70), 1],
    ['ó'.repeat(71), 2],
    ['ó'.repeat(135), 3],
    ['😀'.repeat(35), 1],
    ['😀'.repeat(36), 2],
    ['😀'.repeat(67), 3],
  ])('%.12s… is %i', (text, segments) => {
    expect(segmentsOf(text)).toBe(segments);
  });
});

describe.each(LANGUAGES)('in %s', (locale) => {
  it('a text is one message, says the code first, and ends with the line that browsers look for', () => {
    for (const minutes of [1, 5, 10]) {
      const text = codeText({ ...in_(locale), minutes });
      expect(segmentsOf(text)).toBe(1);
      expect(text.startsWith('482913')).toBe(true);
      expect(text.endsWith('\n\n@acme.example #482913')).toBe(true);
      expect(text).toContain('Acme');
      expect(text).toContain(String(minutes));
    }
  });

  it('a long name costs sentences, not the code or its line, and not a second message where that can be', () => {
    const host = 'accounts.long-name-of-a-company.example';
    const long = codeText({ ...in_(locale), issuer: 'Long Name of a Company', host });
    const [first = '', rest] = long.split('\n\n');
    expect([rest, first.includes('482913')]).toEqual([`@${host} #482913`, true]);
    const least = `${WORDINGS[locale]?.message({ ...ABOUT, issuer: 'Long Name of a Company' })[0]}\n\n@${host} #482913`;
    expect(segmentsOf(long)).toBe(segmentsOf(least));
  });

  it('a mail has the code in its subject and its text, and nothing of a name that could be markup', () => {
    const { subject, text, html = '' } = codeMail({ ...in_(locale), issuer: '<b>Acme & Co' });
    expect(subject).toContain('482913');
    expect(text.split('\n')[0]).toContain('482913');
    expect(html).toContain('482913');
    expect(html).toContain(`<html lang="${locale}">`);
    expect(html).not.toContain('<b>');
    expect(html).toContain('&#60;b&#62;Acme &#38; Co');
  });

  it('a call is spoken by a voice of the language it is in', () => {
    const { text, locale: spoken } = spokenText(in_(locale));
    expect(spoken).toBe(WORDINGS[locale]?.call ? locale : 'en');
    const twiml = spokenCode({ text, code: '482913', locale: spoken });
    expect(twiml).toMatch(new RegExp(`<Say language="${String(spoken).split('-')[0]}-`));
    expect(twiml.match(/4, 8, 2, 9, 1, 3/g)).toHaveLength(2);
  });
});

describe('which language', () => {
  it.each([
    ['de-AT', 'ist Ihr Code'],
    ['pt-BR', 'PIN Acme'],
    ['PT_br', 'PIN Acme'],
    ['zh-CN', '验证码'],
    ['zh-TW', '驗證碼'],
    ['zh-Hant-HK', '驗證碼'],
    ['zh-HK', '驗證碼'],
    ['nl-NL', 'is your Acme code'],
    [undefined, 'is your Acme code'],
    ['constructor', 'is your Acme code'],
  ])('%s: %s', (locale, words) => {
    expect(codeText(in_(locale))).toContain(words);
  });

  it('of a call nobody here speaks: English words, and an English voice', () => {
    expect(spokenText(in_('nl-NL'))).toEqual({ text: 'Hello. Here is your Acme code.', locale: 'en' });
    expect(spokenText(in_('en-GB')).locale).toBe('en-GB');
    expect(spokenText(ABOUT)).toEqual({ text: 'Hello. Here is your Acme code.' });
  });

  it('of texts of the host’s own: the tag, its language, English, and then ours', () => {
    const ours = () => 'ours';
    const fine = () => undefined;
    const none = () => undefined;
    const read = readText('sms: `text`', { en: () => 'en', de: () => 'de', 'pt-BR': () => 'pt-BR' }, ours, fine);
    expect(['de-CH', 'pt-BR', 'pt-PT', undefined].map((locale) => read(in_(locale), none))).toEqual([
      'de',
      'pt-BR',
      'en',
      'en',
    ]);
    expect(readText('sms: `text`', { de: () => 'de' }, ours, fine)(in_('fr'), none)).toBe('ours');
  });

  it.each([[{ de: 'Hallo' }], [{ 'not a tag': () => '' }], ['Hello {code}'], [null]])('advises on %p', (text) => {
    const via: Delivery = { name: 'x', offers: [{ channel: 'sms', code: 'ours' }], send: async () => ({}) as never };
    expect(() => sms({ via, countries: ['US'], text: text as never })).toThrow(/sms: `text` is a function, or one for/);
  });
});

describe('a text of the host’s own', () => {
  const via: Delivery = {
    name: 'x',
    offers: (['sms', 'voice', 'email'] as const).map((channel) => ({ channel, code: 'ours' })),
    send: async () => ({ sent: 'yes', ref: 'ref', codeOwner: 'ours' }),
  };
  const countries = ['US'];
  const asText = (text: unknown) => () => sms({ via, countries, text: text as never });
  const asCall = (text: unknown) => () => voice({ via, countries, text: text as never });
  const asMail = (mail: unknown) => () => email({ via, resetAddresses: () => [], mail: mail as never });
  type About = { code: string; issuer: string; otp?: string };

  it.each<[string, () => unknown, RegExp]>([
    ['is none', asText(() => null), /sms: `text` does not answer with a text/],
    [
      'throws',
      asText(() => {
        throw new RangeError('907153');
      }),
      /^(?!.*907153).*sms: `text` throws RangeError\. It is given `code`, `issuer`/s,
    ],
    ['is empty', asText(() => ' '), /sms: `text` is empty/],
    ['is a promise', asText(async () => 'x'), /sms: `text` answers with a promise/],
    ['is too long', asText(({ code }: About) => code + '.'.repeat(1_600)), /is 1606 characters long, and 1600 is/],
    ['leaves the code out', asText(() => 'Your code is here.'), /sms: `text` does not say the code/],
    ['has quotes for back quotes', asText(() => 'Your code: $' + '{code}'), /says `\$\{code\}` as it stands/],
    ['has marks of another language', asText(({ code }: About) => `${code} {{ issuer }}`), /says `\{\{ issuer \}\}`/],
    ['takes what it is not given', asText(({ code, otp }: About) => `${code} ${otp}`), /says `undefined`/],
    ['is wrong in one language', asText({ en: ({ code }: About) => code, de: () => '' }), /sms: `text`, de, is empty/],
    ['is too long for a call', asCall(() => '.'.repeat(801)), /voice: `text` is 801 characters long, and 800 is/],
    ['has no subject', asMail(({ code }: About) => ({ text: code })), /`subject` that does not answer with a text/],
    ['is no mail', asMail(({ code }: About) => code), /email: `mail` answers with a `subject` that/],
    [
      'has the code in HTML only',
      asMail(({ code }: About) => ({ subject: 's', text: 't', html: code })),
      /`text` that does/,
    ],
    [
      'has it in text only',
      asMail(({ code }: About) => ({ subject: 's', text: code, html: 'h' })),
      /`html` that does not/,
    ],
  ])('that %s is a mistake of the set-up', (_what, setUp, advice) => {
    expect(setUp).toThrow(expect.objectContaining({ code: 'set_up', message: expect.stringMatching(advice) }));
  });

  it('of a call need not say the code: it is spoken after it', () => {
    expect(asCall(() => 'Hello from Acme.')).not.toThrow();
  });

  it('beside a carrier that never uses it is a mistake too', () => {
    const verifier: Delivery = {
      ...via,
      offers: [{ channel: 'sms', code: 'theirs' }],
      check: async () => ({ verdict: 'wrong' }),
    };
    const setUp = () => sms({ via: verifier, countries, text: ({ code }) => code });
    expect(setUp).toThrow(/sms: `text` would never be used: `x` makes its own codes/);
  });

  it('that fails later is told, without the code, and ours goes out', async () => {
    const box = inbox();
    let calls = 0;
    const text = ({ code }: About) => {
      calls += 1;
      if (calls > 1) throw new Error(`cannot say ${code}`);
      return code;
    };
    const host = createHost({ mfa: { factors: [totp(), sms({ via: box, countries, text })] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
    const [message] = box.messages();
    expect(message?.text).toContain(`${message?.code} is your Acme code.`);
    expect(host.errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('sms: `text` throws Error, so our own text went out'),
      }),
    ]);
    expect(inspect(host.errors, { depth: null, showHidden: true })).not.toContain(message?.code);
  });
});

describe('the language of a request', () => {
  function everything(localeOf?: () => string | undefined, baseUrl?: string) {
    const jobs: SendJob[] = [];
    const via: Delivery = {
      name: 'everything',
      offers: (['sms', 'voice', 'email'] as const).map((channel) => ({ channel, code: 'ours' })),
      async send(job) {
        jobs.push(job);
        return { sent: 'yes', ref: 'ref', codeOwner: 'ours' };
      },
    };
    const factors = [
      totp(),
      sms({ via, countries: ['US'] }),
      voice({ via, countries: ['US'] }),
      email({ via, resetAddresses: () => [] }),
    ];
    return {
      jobs,
      host: createHost({ mfa: { factors, ...(localeOf ? { localeOf } : {}), ...(baseUrl ? { baseUrl } : {}) } }),
    };
  }

  it('reaches text, call, mail and carrier', async () => {
    const { jobs, host } = everything();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const asks = (path: string, body: object) =>
      ada.post(path, body).set('Accept-Language', 'de-AT,de;q=0.9,en;q=0.8').expect(201);
    await asks('/mfa/factors/sms', { phone: '+12125550100' });
    await asks('/mfa/factors/voice', { phone: '+12125550101' });
    await asks('/mfa/factors/email', { email: 'ada@elsewhere.example' });
    expect(jobs.map(({ locale }) => locale)).toEqual(['de-AT', 'de-AT', 'de-AT']);
    expect(jobs[0]?.text).toContain('ist Ihr Code');
    expect(jobs[1]?.text).toContain('Guten Tag');
    expect(jobs[2]?.subject).toContain('ist Ihr Code');
    expect(jobs[2]?.html).toContain('<html lang="de-AT">');
  });

  it.each([
    ['https://acme.example', 'acme.example'],
    ['https://accounts.acme.example:8443', 'accounts.acme.example'],
    ['http://localhost:3000', 'localhost'],
    ['https://bücher.example', 'xn--bcher-kva.example'],
  ])('has nothing to do with the last line: of %s it is @%s, as browsers compare it', async (baseUrl, name) => {
    const { jobs, host } = everything(undefined, baseUrl);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).set('Accept-Language', 'ja').expect(201);
    expect(jobs[0]?.text?.split('\n').at(-1)).toBe(`@${name} #${jobs[0]?.code}`);
  });

  it.each([
    ['what the host says of it', () => 'fr', 'fr'],
    ['the browser’s, where the host says nothing', () => undefined, 'de'],
    [
      'the browser’s, where the host’s answer fails',
      () => {
        throw new Error('no');
      },
      'de',
    ],
    ['the browser’s, where the host’s answer is no tag', () => 'de"><script>', 'de'],
  ])('is %s', async (_, localeOf, locale) => {
    const { jobs, host } = everything(localeOf);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).set('Accept-Language', 'de').expect(201);
    expect(jobs[0]?.locale).toBe(locale);
  });
});
