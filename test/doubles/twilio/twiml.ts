const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** What each `<Say>` of a TwiML document says, entities resolved. Throws where the document is not one Twilio would run. */
export function spoken(twiml: string): string[] {
  const [, inside] = /^<\?xml version="1\.0" encoding="UTF-8"\?><Response>(.*)<\/Response>$/s.exec(twiml) ?? [];
  if (inside === undefined) throw new Error('TwiML 12100: no <Response>');
  const verbs = /<Pause length="\d+"\/>|<Say(?: language="[A-Za-z-]+")?>([^<>]*)<\/Say>/g;
  const rest = inside.replace(verbs, '');
  if (rest !== '') throw new Error(`TwiML 12200: stray ${rest.slice(0, 20)}`);
  return [...inside.matchAll(verbs)].flatMap(([, said]) => (said === undefined ? [] : [resolved(said)]));
}

/** The digits that are spoken one by one: the only way in which a code can be understood. */
export function spokenDigits(twiml: string): string | undefined {
  const [first] = spoken(twiml);
  return /\d(?:, \d){3,9}/.exec(first ?? '')?.[0].replaceAll(', ', '');
}

function resolved(said: string): string {
  return said.replace(/&[^;]*;?/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error('TwiML 12100: stray &');
    return character;
  });
}
