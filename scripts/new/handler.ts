// Makes a kind of job: its declaration, its handler, a test of both, and the two lines that make them known.
import { addImport, addToBlock } from './edit.ts'
import { camel, kebab, mustBe } from './names.ts'
import { Refusal, textOf } from './plan.ts'
import { SAID } from './said.ts'
import type { Maker } from './plan.ts'

const CATALOG = 'shared/catalog/catalog.ts'
const HANDLERS = 'workers/handlers/handlers.ts'

/** `report.build` */
export const handler: Maker = (root, [given]) => {
  const name = mustBe(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, given, 'report.build')
  const file = kebab(name)
  if (textOf(root, HANDLERS).includes(`'${name}':`))
    throw new Refusal(`there is a kind called ${name} already; take another name, or change what is there`)
  return {
    files: {
      [`shared/catalog/${file}.ts`]: kindText(name),
      [`workers/handlers/${file}.ts`]: handlerText(name),
      [`workers/handlers/${file}.test.ts`]: testText(name),
    },
    edits: {
      [CATALOG]: (text) =>
        addToBlock(
          addImport(text, `import { ${camel(name)} } from './${file}.ts'`),
          'export const catalog = catalogOf(',
          `  ${camel(name)},`,
          CATALOG,
        ),
      [HANDLERS]: (text) =>
        addToBlock(
          addImport(text, `import { ${camel(name)} } from './${file}.ts'`),
          'handlers: {',
          `      '${name}': ${camel(name)},`,
          HANDLERS,
        ),
    },
    next: [
      `say in shared/catalog/${file}.ts what goes in, what comes out and how it is retried`,
      `write the work into workers/handlers/${file}.ts and what it promises into its test`,
      'npm run format && npm run check',
      `npm test workers/handlers/${file} shared/catalog/catalog test/steps`,
    ],
  }
}

const kindText = (name: string): string => `// What goes into ${name} and what comes out of it.
import { z } from 'zod'
import { kind } from './kind.ts'

export const ${camel(name)} = kind({
  name: '${name}',
  queue: '${name.split('.')[0] ?? name}',
  summary: '${SAID.handler}',
  payload: z.strictObject({ text: z.string().max(10_000) }),
  result: z.object({ characters: z.int() }),
  retry: { attempts: 5, backoff: { type: 'exponential', delay_ms: 1_000, max_ms: 60_000, jitter: 'full' } },
  timeoutMs: 60_000,
})
`

const handlerText = (name: string): string => `// Performs ${name}.
import type { ${camel(name)} as kind } from '../../shared/catalog/${kebab(name)}.ts'
import { done } from '../../shared/catalog/handler.ts'
import type { Handler } from '../../shared/catalog/handler.ts'

export const ${camel(name)}: Handler<typeof kind> = async ({ payload, signal, log }) => {
  signal.throwIfAborted()
  await log(\`counting \${payload.text.slice(0, 20)}\`)
  return done({ characters: payload.text.length })
}
`

const testText = (name: string): string => `// What ${name} promises.
import { describe } from 'vitest'
import { catalogOf } from '../../shared/catalog/catalog.ts'
import { ${camel(name)} as kind } from '../../shared/catalog/${kebab(name)}.ts'
import { createTestKit } from '../../shared/testing/testing.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { ${camel(name)} } from './${kebab(name)}.ts'

const test = base.extend('kit', async ({ kernel }, { onCleanup }) => {
  const kit = createTestKit(kernel, { catalog: catalogOf(kind), handlers: { '${name}': ${camel(name)} } })
  onCleanup(() => kit.close())
  return kit
})

describe('${name}', () => {
  test('answers how long the text is', async ({ kit }) => {
    const ran = await kit.perform('${name}', { text: 'seven' })
    expect(ran).toMatchObject({ state: 'completed', result: { characters: 5 } })
  })

  test('refuses a payload of another form, and does not try it again', async ({ kit }) => {
    // @ts-expect-error -- a number where a text belongs
    const ran = await kit.perform('${name}', { text: 7 })
    expect(ran).toMatchObject({ state: 'failed', error: expect.stringContaining('text') as string })
  })
})
`
