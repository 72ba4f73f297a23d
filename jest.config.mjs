/** Any test on an older host: `HOST_EXPRESS=4-16 HOST_PASSPORT=0-4 npm run jest -- test/http`; the versions are the aliases in package.json. */
const { HOST_EXPRESS, HOST_PASSPORT } = process.env;
const olderPassport = /^0-[45]$/.test(HOST_PASSPORT)
  ? '<rootDir>/test/matrix/older-passport.cjs'
  : `passport-${HOST_PASSPORT}`;

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Its ES modules import JSON in a way Jest warns about, with every test that reads a number.
    '^libphonenumber-js/max$': '<rootDir>/node_modules/libphonenumber-js/max/index.cjs',
    ...(HOST_EXPRESS && { '^express$': `express-${HOST_EXPRESS}` }),
    ...(HOST_PASSPORT && { '^passport$': olderPassport }),
  },
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/'],
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/scripts/summary-reporter.mjs'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
};
