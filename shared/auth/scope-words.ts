// What a key may be allowed, as plain words: scopes, and the roles that bundle them.

const reading = [
  'jobs:read',
  'queues:read',
  'workers:read',
  'recovery:read',
  'services:read',
  'schedules:read',
  'webhooks:read',
  'events:read',
  'operations:read',
  'metrics:read',
  'stream:read',
  'quota:read',
  'alerts:read',
] as const
const operating = [
  'jobs:manage',
  'recovery:write',
  'operations:write',
  'queues:manage',
  'workers:manage',
  'schedules:write',
  'batch:write',
  'alerts:ack',
] as const
const developing = ['jobs:write', 'jobs:data', 'imports:write', 'events:write', 'webhooks:write'] as const
const governing = [
  'queues:admin',
  'services:write',
  'breakers:admin',
  'keys:read',
  'keys:write',
  'system:read',
  'docs:read',
  'audit:read',
  'alerts:write',
] as const

/** Every scope there is. */
export const SCOPES = [...reading, ...operating, ...developing, ...governing] as const
export type ScopeName = (typeof SCOPES)[number]

export type Role = 'viewer' | 'operator' | 'developer' | 'admin'

/** Roles are named bundles of scopes; each holds all of the one before. */
export const ROLES: Readonly<Record<Role, readonly ScopeName[]>> = {
  viewer: reading,
  operator: [...reading, ...operating],
  developer: [...reading, ...operating, ...developing],
  admin: SCOPES,
}
