// Whether a principal holds what a row asks for. Deny by default: a row says `public` or names its scopes.
import type { Principal, Scope } from '../../shared/auth/contract.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { InsufficientScope } from '../../shared/kernel/problems.ts'
import { demandCredential } from './identify.ts'

/** Throws `unauthenticated` or `insufficient-scope` unless the principal may call the row. */
export const authorize = (principal: Principal, scopes: Endpoint['scopes']): void => {
  if (scopes === 'public') return
  if (principal.kind === 'anonymous') demandCredential()
  const lacking = scopes.filter((scope) => !principal.scopes.includes(scope as Scope))
  if (lacking.length === 0) return
  const needed = scopes.join(' ')
  throw InsufficientScope(`This needs ${needed}; the credential lacks ${lacking.join(' ')}.`, { members: { needed } })
}
