// Packages that ship ES modules only: jest must transform them.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const shared = require('@jupyterlab/testutils/lib/jest-config')(__dirname);

module.exports = {
  ...shared,
  automock: false,
  reporters: ['default'],
  moduleNameMapper: {
    ...shared.moduleNameMapper,
    // Declared in src/launcher.d.ts: the front end has it, this package does not.
    '^@jupyterlab/launcher$': '<rootDir>/src/__tests__/launcher.ts'
  },
  testRegex: 'src/.*/.*.spec.ts[x]?$',
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`],
  transform: {
    ...shared.transform,
    '\\.(ts|tsx)?$': [
      'ts-jest',
      { tsconfig: `${__dirname}/tsconfig.test.json`, diagnostics: true }
    ]
  }
};
