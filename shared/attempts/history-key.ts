// Where the attempts of a job are kept: a hash, one field for each attempt.
import type { Kernel } from '../kernel/kernel.ts'

export const historyKey = (kernel: Kernel, address: string): string => kernel.key('attempts', 'of', address)

/** The field an attempt is kept under: its number and when it began, so that a job given another life keeps the old ones. */
export const attemptField = (attempt: number, startedAt: number): string =>
  `${attempt}.${Math.round(startedAt).toString(36)}`
