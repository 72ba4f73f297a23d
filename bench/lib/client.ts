/** A browser's worth of HTTP: one kept-alive connection, and a cookie jar. */
import { Agent, request } from 'node:http';

export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private cookies = new Map<string, string>();
  private readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  forget(): void {
    this.cookies = new Map();
  }

  post(path: string, body: object): Promise<{ status: number; body: string }> {
    return this.send('POST', path, JSON.stringify(body));
  }

  get(path: string): Promise<{ status: number; body: string }> {
    return this.send('GET', path);
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, payload?: string): Promise<{ status: number; body: string }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: this.agent,
          headers: {
            accept: 'application/json',
            origin: 'http://localhost',
            ...(cookie ? { cookie } : {}),
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          for (const line of response.headers['set-cookie'] ?? []) {
            const [pair = ''] = line.split(';');
            const at = pair.indexOf('=');
            this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
          }
          let body = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      sent.on('error', reject);
      sent.end(payload);
    });
  }
}
