// Names of facts with a wildcard; plain, so that the dashboard has it without the schemas.

/** Whether a pattern takes a name: `*` all, `job.*` those that begin alike, another one itself. */
export const matchesName = (pattern: string, name: string): boolean =>
  pattern === '*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
