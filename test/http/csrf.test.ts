import { describe, expect, it } from '@jest/globals';
import express from 'express';
import request, { type Test } from 'supertest';
import { CSRF_FIELD, CSRF_HEADER, provesOurOwn } from '../../src/http/csrf.js';

const OURS = 'https://acme.example';

function ask(options: { readonly token?: string; readonly origin?: string | undefined } = {}) {
  const { token = 'the token', origin = 'origin' in options ? options.origin : OURS } = options;
  const app = express();
  app.use(express.json(), express.urlencoded({ extended: false }));
  app.use((req, res) => void res.json(provesOurOwn(req, token, origin)));
  return request(app);
}

async function verdict(call: Test): Promise<boolean> {
  return (await call.expect(200)).body;
}

describe('a request proves that it is ours', () => {
  it('with the token in a field of a form, or in a header', async () => {
    expect(
      await verdict(
        ask()
          .post('/')
          .type('form')
          .send({ [CSRF_FIELD]: 'the token' }),
      ),
    ).toBe(true);
    expect(await verdict(ask().post('/').type('form').set(CSRF_HEADER, 'the token').send({ a: 1 }))).toBe(true);
    expect(await verdict(ask().post('/').set(CSRF_HEADER, 'the token'))).toBe(true);
  });

  it('by being JSON, or a method no form has', async () => {
    expect(await verdict(ask().post('/').send({}))).toBe(true);
    for (const method of ['put', 'patch', 'delete'] as const) expect(await verdict(ask()[method]('/'))).toBe(true);
    expect(await verdict(ask().post('/'))).toBe(false);
  });

  it('not by a type that only looks like JSON, with whatever method', async () => {
    const types = [
      'text/plain; application/json',
      'application/jsonp',
      'text/plain,application/json',
      'application/x-www-form-urlencoded',
    ];
    for (const type of types) {
      for (const method of ['post', 'put', 'patch', 'delete'] as const) {
        expect([type, await verdict(ask()[method]('/').set('Content-Type', type).send('{}'))]).toEqual([type, false]);
      }
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8'])
      expect(await verdict(ask().delete('/').set('Content-Type', type))).toBe(true);
  });

  it('never with an empty token, should a session ever hold none', async () => {
    const form = { [CSRF_FIELD]: '' };
    expect(await verdict(ask({ token: '' }).post('/').type('form').send(form))).toBe(false);
  });

  it('not with a token of another length or case', async () => {
    for (const given of ['the toke', 'the token ', 'The token']) {
      expect(
        await verdict(
          ask()
            .post('/')
            .type('form')
            .send({ [CSRF_FIELD]: given }),
        ),
      ).toBe(false);
    }
  });

  it('believes a browser that says "elsewhere", and takes "here" or "by hand" as no proof by itself', async () => {
    const form = (site: string) => ask().post('/').type('form').set('Sec-Fetch-Site', site);
    expect(await verdict(form('cross-site').send({ [CSRF_FIELD]: 'the token' }))).toBe(false);
    expect(await verdict(form('same-site').send({ [CSRF_FIELD]: 'the token' }))).toBe(false);
    expect(await verdict(form('same-origin').send({}))).toBe(false);
    expect(await verdict(form('none').send({}))).toBe(false);
    expect(await verdict(form('none').send({ [CSRF_FIELD]: 'the token' }))).toBe(true);
  });

  it('compares the origin with the configured one, and with the host only where none is configured', async () => {
    const from = (origin: string, ours: string | undefined) =>
      verdict(ask({ origin: ours }).post('/').set({ Origin: origin, Host: 'localhost:3000' }).send({}));
    expect(await from(OURS, OURS)).toBe(true);
    expect(await from('http://localhost:3000', OURS)).toBe(false);
    expect(await from('http://localhost:3000', undefined)).toBe(true);
    expect(await from('http://localhost:3001', undefined)).toBe(false);
    expect(await from('not an origin', undefined)).toBe(false);
  });
});
