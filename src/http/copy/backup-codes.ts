/** The pages of backup codes. */
export const backupCodes = {
  freshHeading: 'Save your backup codes',
  freshIntro: 'If you cannot use your other ways, one of these codes lets you in. Each works once.',
  freshOnce: 'Keep them somewhere safe. We cannot show them again.',
  listLabel: 'Your backup codes',
  download: 'Download',
  print: 'Print',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'We could not copy. Select the text instead',
  saved: 'I have saved these codes',
  heading: 'Backup codes',
  intro: 'Backup codes let you in when you cannot use your other ways. Each works once.',
  left: ({ left, total }: { left: number; total: number }) => `${left} of ${total} left`,
  none: 'None left',
  low: 'You are running low. Make new codes while you can.',
  make: 'Make new codes',
};
