import type { RiskSignal } from '../risk.js';

/** Programs that say so. Whoever wants to hide does; this is for those who did not bother. */
const PROGRAMS =
  /curl|wget|python|aiohttp|httpx|scrapy|go-http-client|java\/|okhttp|libwww|axios|node-fetch|undici|ruby|php|postman|insomnia|httpie|headless|phantomjs|selenium|puppeteer|playwright|\bbot\b|crawler|spider/i;

/** An app of your own that signs in over HTTP is a program too: give it a user agent of its own, or the signal another weight. */
export const botAgent: RiskSignal = {
  name: 'bot-agent',
  weight: 0.45,
  look({ userAgent = '' }) {
    const text = userAgent.trim();
    return Number(text === '' || text === 'node' || PROGRAMS.test(text));
  },
};
