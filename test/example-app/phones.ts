/** Valid by the numbering plans, and nobody's that we know: the plans' own examples, as their owners would write them. */
export interface Phone {
  readonly country: string;
  readonly national: string;
  readonly e164: string;
}

export const PHONES: readonly Phone[] = [
  { country: 'US', national: '(201) 555-0123', e164: '+12015550123' },
  { country: 'CA', national: '(506) 234-5678', e164: '+15062345678' },
  { country: 'GB', national: '07400 123456', e164: '+447400123456' },
  { country: 'IN', national: '081234 56789', e164: '+918123456789' },
  { country: 'MX', national: '222 123 4567', e164: '+522221234567' },
  { country: 'BR', national: '(11) 96123-4567', e164: '+5511961234567' },
  { country: 'DE', national: '01512 3456789', e164: '+4915123456789' },
  { country: 'FR', national: '06 12 34 56 78', e164: '+33612345678' },
  { country: 'IT', national: '312 345 6789', e164: '+393123456789' },
  { country: 'ES', national: '612 34 56 78', e164: '+34612345678' },
  { country: 'AU', national: '0412 345 678', e164: '+61412345678' },
  { country: 'JP', national: '090-1234-5678', e164: '+819012345678' },
  { country: 'CN', national: '131 2345 6789', e164: '+8613123456789' },
  { country: 'KR', national: '010-2000-0000', e164: '+821020000000' },
  { country: 'NG', national: '0802 123 4567', e164: '+2348021234567' },
  { country: 'ZA', national: '071 123 4567', e164: '+27711234567' },
];
