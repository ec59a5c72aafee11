// What a key that may see less than an endpoint hears of cannot have sent once more.
import { expect, expectProblem, hookId, path, test } from './work.ts'

const body = { from: new Date(0).toISOString() }

test('403 resource-forbidden: nobody has sent once more what they may not see', async ({ door, tell, hook }) => {
  const [id = ''] = await tell(1)
  const scopes = ['webhooks:read', 'webhooks:write'] as const
  for (const key of [await door.keyWith([...scopes, 'events:read'], ['pay']), await door.keyWith(scopes)]) {
    const headers = { authorization: `Bearer ${key}` }
    expectProblem(await door.send('POST', `${path}/deliveries/${id}/retry`, { headers }), 403, 'resource-forbidden')
    const replay = (more: object) =>
      door.send('POST', `${path}/${hookId}/replay`, { body: { ...body, ...more }, headers })
    expectProblem(await replay({}), 403, 'resource-forbidden')
    expectProblem(await replay({ missing: true, dry_run: true }), 403, 'resource-forbidden')
  }
  expect(hook.heard).toEqual([])
})
