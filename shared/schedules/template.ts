// Temporary.
export const render = (data: Record<string, unknown>, _context: object): Record<string, unknown> => data
