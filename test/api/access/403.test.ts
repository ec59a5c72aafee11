// Who may not touch jobs: every row of the contract against every kind of caller.
import { rowsOf } from '../../../api/http/check.ts'
import { documentPath } from '../../../shared/kernel/openapi.ts'
import { contract } from '../../../shared/contract.ts'
import { ROLES } from '../../../shared/auth/contract.ts'
import { generateKey } from '../../../shared/kernel/api-key.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const guarded = rowsOf(contract).filter(([, row]) => row.scopes !== 'public')
const roles = Object.keys(ROLES) as (keyof typeof ROLES)[]
/** Ids that exist nowhere; authorization comes before any look-up. */
const pathOf = (row: (typeof guarded)[number][1]): string => documentPath(row).replace(/\{[a-z_]+\}/g, 'nothing:here')

describe('the table of who may call what', () => {
  test('holds for every row, role and wrong credential', async ({ door }) => {
    // This caller fails more often than an address may.
    door.api.rooms.auth.throttle.failed = () => undefined
    const keys = new Map(await Promise.all(roles.map(async (role) => [role, await door.keyOf(role)] as const)))
    const { key: revoked, id } = await door.api.rooms.auth.keys.create(
      await door.api.rooms.auth.keys.identify(door.adminKey),
      { name: 'gone', role: 'admin', queues: ['*'] },
    )
    await door.api.rooms.auth.keys.revoke(id)
    const table: Record<string, string> = {}
    for (const [name, row] of guarded) {
      const ask = async (authorization: string | undefined): Promise<number> =>
        (await door.send(row.method, pathOf(row), { headers: { authorization, accept: undefined } })).status
      expect([name, await ask(undefined)]).toEqual([name, 401])
      expect([name, await ask(`Bearer ${generateKey('sk')}`)]).toEqual([name, 401])
      expect([name, await ask(`Bearer ${revoked}`)]).toEqual([name, 401])
      const allowed: string[] = []
      for (const role of roles)
        if (![401, 403].includes(await ask(`Bearer ${keys.get(role) ?? ''}`))) allowed.push(role)
      table[name] = allowed.join(' ')
    }
    expect(table).toMatchSnapshot()
  }, 60_000)

  test('a lacking scope is named', async ({ door }) => {
    const key = await door.keyWith(['jobs:read'])
    const reply = await door.send('POST', '/api/v2/jobs', {
      body: { name: 'x' },
      headers: { authorization: `Bearer ${key}` },
    })
    expect(expectProblem(reply, 403, 'insufficient-scope')).toMatchObject({ needed: 'jobs:write' })
    expect(reply.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="jobs:write"')
  })
})
