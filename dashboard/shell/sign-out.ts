// Leaving: the session ends at the server first, so that the cookie is worth nothing afterwards.
import { api } from '../data/api.ts'
import { perform } from '../data/gesture.ts'
import { session } from '../data/session.ts'

export const signOut = async (): Promise<void> => {
  const outcome = await perform({ doing: 'Signing out', call: () => api.auth.signOut(), done: () => 'Signed out.' })
  if ('answer' in outcome) session.left()
}
