// What is said of a thing that was just made, until somebody says what it is; test/steps.test.ts looks for what was left so.

export const SAID = {
  handler: 'Answers how long a text is.',
  endpoint: 'Tell who asks and when',
  /** And then its name. */
  event: 'It happened: ',
} as const
