// What `npm start` says when all is up: where things are, and how to get in.

export interface Facts {
  url: string
  signInUrl: string | undefined
  adminKeyFile: string
  redisUrl: string
  logs: string
  /** What the demo says it is doing; nothing when it is off. */
  demo: string | undefined
}

export const banner = ({ url, signInUrl, adminKeyFile, redisUrl, logs, demo }: Facts): string =>
  [
    '',
    'k1n is up.',
    '',
    `  Dashboard   ${signInUrl ?? url}`,
    `              ${signInUrl ? 'signs you in once, within 10 minutes; another link: npm run sign-in' : ''}`,
    `  API         ${url}/api/v2   (its documentation: ${url}/docs)`,
    `  Admin key   ${adminKeyFile}`,
    `  Redis       ${withoutPassword(redisUrl)}`,
    `  Logs        ${logs}`,
    `  Demo        ${demo ?? 'off'}`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n')

const withoutPassword = (url: string): string => url.replace(/:\/\/[^@/]*@/, '://…@')
