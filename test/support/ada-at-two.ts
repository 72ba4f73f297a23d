/** Scenes with Ada, at two processes. */
import { waits } from './guess.js';
import type { Person } from './person.js';
import { type Rig, twoProcesses } from './two-processes.js';

type Asked = Parameters<typeof twoProcesses>;

/** Ada, signed in at the first process, with an authenticator whose present code nobody has used. */
export async function withAda(on: Asked[0], options: Asked[1] = {}): Promise<{ rig: Rig; ada: Person }> {
  const rig = await twoProcesses(on, options);
  const ada = await rig.person('ada');
  await ada.password();
  await ada.addsTotp();
  await rig.advance(60_000);
  return { rig, ada };
}

/** So many browsers in which Ada waits, at both processes in turn. */
export async function browsers(rig: Rig, ada: Person, count: number): Promise<readonly Person[]> {
  const both = [rig.one, rig.two];
  const people = Array.from({ length: count }, (_, index) => rig.elsewhere(ada, both[index % 2] ?? rig.one));
  return await Promise.all(people.map(waits));
}

/** All texts that were sent, those of the first process first. */
export async function textsOf(rig: Rig) {
  return (await Promise.all([rig.one, rig.two].map((process) => process.ask({ do: 'texts' })))).flat();
}

/** Adds a phone in Ada's session at the first process, which has to be fresh; a day later. The id. */
export async function addsPhoneAt(rig: Rig, ada: Person): Promise<string> {
  await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
  const begun = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).expect(201);
  const code = (await rig.one.ask({ do: 'texts' })).at(-1)?.code;
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code }).expect(200);
  await rig.advance(86_400_000);
  return String(begun.body.id);
}
