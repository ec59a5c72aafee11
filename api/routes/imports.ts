// Routes of imports.
import { imports as rows } from '../../shared/imports/contract.ts'
import type { Imports } from '../../shared/imports/imports.ts'
import { UnsupportedMediaType } from '../../shared/kernel/problems.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { tooLarge, typeInUtf8 } from '../http/body.ts'
import { invite } from '../http/invite.ts'

const types = rows.create.rawBody.types.join(', ')

export const bindImports = (bind: Bind, { imports }: { imports: Imports }): void => {
  bind(rows.create, async ({ principal, query, req }) => {
    const type = typeInUtf8(req.headers['content-type']) ?? ''
    if (!(rows.create.rawBody.types as readonly string[]).includes(type))
      throw UnsupportedMediaType(`An import is ${types}, in UTF-8.`, { headers: { Accept: types } })
    if (Number(req.headers['content-length'] ?? 0) > rows.create.bodyLimit) throw tooLarge(rows.create.bodyLimit)
    invite(req)
    const job = await imports.create(principal, req, query.name)
    return reply(202, job, { Location: `/api/v2/jobs/${encodeURIComponent(job.id)}` })
  })
}
