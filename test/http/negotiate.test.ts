import { describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { isNavigation, wantsJson } from '../../src/http/negotiate.js';

const app = express();
app.use((req, res) => void res.json({ json: wantsJson(req), navigation: isNavigation(req) }));

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('a page or JSON', () => {
  it.each([
    { accept: BROWSER, json: false, navigation: true },
    { accept: 'text/html', json: false, navigation: true },
    { accept: 'text/*', json: false, navigation: true },
    { accept: 'application/json', json: true, navigation: false },
    { accept: 'application/json, text/plain, */*', json: true, navigation: false },
    { accept: 'application/problem+json', json: true, navigation: false },
    { accept: 'text/html;q=0.5, application/json', json: true, navigation: false },
    { accept: 'image/png', json: true, navigation: false },
    { accept: '*/*', json: false, navigation: true },
  ])('for `Accept: $accept`', async ({ accept, json, navigation }) => {
    const answer = await request(app).get('/').set('Accept', accept).expect(200);
    expect(answer.body).toEqual({ json, navigation });
  });

  it('is JSON for a client that sends JSON, or says XMLHttpRequest, and does not say what it takes', async () => {
    const sent = await request(app).post('/').set('Accept', '*/*').send({ a: 1 });
    const asked = await request(app).get('/').set({ Accept: '*/*', 'X-Requested-With': 'XMLHttpRequest' });
    const form = await request(app).post('/').set('Accept', '*/*').type('form').send({ a: 1 });
    expect([sent, asked, form].map(({ body }) => body.json)).toEqual([true, true, false]);
  });

  it('is a page for a form that a browser sends by script with a page in mind', async () => {
    const answer = await request(app).post('/').set('Accept', BROWSER).send({ a: 1 });
    expect(answer.body.json).toBe(false);
  });

  it('is no navigation when something is posted, or when a client says nothing at all', async () => {
    const posted = await request(app).post('/').set('Accept', BROWSER).type('form').send({ a: 1 });
    const silent = await request(app).get('/').unset('Accept');
    expect([posted.body.navigation, silent.body.navigation]).toEqual([false, false]);
  });
});
