/** The pages on which somebody looks after what is set up. */
import { day } from './amounts.js';

export const factors = {
  heading: 'Two-step sign-in',
  intro: 'After you sign in, we ask for one more thing that only you have.',
  forcedHeading: 'Set up a second step',
  forcedIntro: ({ issuer }: { issuer: string }) =>
    `${issuer} asks for one more thing when you sign in. Set it up to go on.`,
  listTitle: 'Your second steps',
  empty: 'You have not set up a second step yet.',
  added: ({ when }: { when: Date }) => `Added ${day(when)}`,
  lastUsed: ({ when }: { when: Date }) => `Last used ${day(when)}`,
  neverUsed: 'Not used yet',
  rename: 'Rename',
  replace: 'Replace',
  remove: 'Remove',
  addTitle: 'Add another way',
  addFirstTitle: 'Choose a way',
  disableTitle: 'Turn off',
  disableHint: 'Signing in will no longer ask for a second step.',
  disable: 'Turn off two-step sign-in',
  home: ({ issuer }: { issuer: string }) => `Back to ${issuer}`,
  back: 'Back to two-step sign-in',
};

export const confirm = {
  removeHeading: ({ name }: { name: string }) => `Remove ${name}?`,
  remove: 'You can no longer sign in with it. You can set it up again later.',
  removeButton: 'Remove',
  disableHeading: 'Turn off the second step?',
  disable:
    'Everything you set up here is removed, your backup codes too. From then on your account is easier to break into.',
  disableButton: 'Turn off',
  regenerateHeading: 'Make new backup codes?',
  regenerate: 'Your old codes stop working as soon as the new ones are made.',
  regenerateButton: 'Make new codes',
};

export const rename = {
  heading: ({ name }: { name: string }) => `Rename ${name}`,
  label: 'New name',
  save: 'Save',
};
