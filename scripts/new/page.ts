// Makes a page of the dashboard: what it shows, the logic behind it with its test, and its line in the list of pages.
import { addToBlock } from './edit.ts'
import { camel, kebab, mustBe } from './names.ts'
import { Refusal, textOf } from './plan.ts'
import type { Maker } from './plan.ts'

const ROUTES = 'dashboard/routes.ts'

/** `reports` */
export const page: Maker = (root, [given]) => {
  const name = mustBe(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, given, 'reports')
  const folder = `dashboard/pages/${kebab(name)}`
  if (new RegExp(`\\b${camel(name)}: page\\(|page\\('/${kebab(name)}'`).test(textOf(root, ROUTES)))
    throw new Refusal(`${ROUTES} has a page ${name} already; take another name, or change what is there`)
  return {
    files: {
      [`${folder}/page.svelte`]: pageText(name),
      [`${folder}/model.ts`]: modelText(),
      [`${folder}/model.test.ts`]: testText(),
    },
    edits: {
      [ROUTES]: (text) =>
        addToBlock(
          text,
          'export const routes = {',
          `  ${camel(name)}: page('/${kebab(name)}', '${title(name)}', () => import('./pages/${kebab(name)}/page.svelte')),`,
          ROUTES,
        ),
    },
    next: [
      'add it to the navigation: an entry in dashboard/shell/navigation.ts',
      `write what it shows into ${folder}/page.svelte and the logic into ${folder}/model.ts`,
      'npm run format && npm run check',
      `npm test ${folder} test/steps test/dashboard/accessibility`,
    ],
  }
}

const title = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`

const modelText = (): string => `// Which queues have the most to do.
import type { Queue } from '../../../shared/queues/contract.ts'

/** Jobs that have not ended. */
export const unfinished = ({ counts }: Pick<Queue, 'counts'>): number =>
  counts.waiting + counts.prioritized + counts.delayed + counts.active + counts.waiting_children

/** The queue with the most to do first; those with as much as another by name. */
export const fullestFirst = <One extends Pick<Queue, 'name' | 'counts'>>(queues: readonly One[]): One[] =>
  queues.toSorted((a, b) => unfinished(b) - unfinished(a) || (a.name < b.name ? -1 : 1))
`

const testText = (): string => `// The fullest queue comes first.
import { expect, test } from 'vitest'
import type { Queue } from '../../../shared/queues/contract.ts'
import { fullestFirst, unfinished } from './model.ts'

const queue = (name: string, waiting: number): Pick<Queue, 'name' | 'counts'> => ({
  name,
  counts: { waiting, prioritized: 0, delayed: 1, active: 0, waiting_children: 0, completed: 9, failed: 9 },
})

test('queues are in the order of what they have to do, then of their names', () => {
  const sorted = fullestFirst([queue('b', 1), queue('c', 5), queue('a', 1)])
  expect(sorted.map(({ name }) => name)).toEqual(['c', 'a', 'b'])
})

test('what has ended is nothing to do', () => {
  expect(unfinished(queue('a', 2))).toBe(3)
})
`

const pageText = (name: string): string => `<!-- ${title(name)}: the queues, the one with the most to do first. -->
<script lang="ts">
  import type { Queue } from '../../../shared/queues/contract.ts'
  import { api } from '../../data/api.ts'
  import { Resource } from '../../data/resource.svelte.ts'
  import EmptyState from '../../ui/EmptyState.svelte'
  import Loaded from '../../ui/Loaded.svelte'
  import Page from '../../ui/Page.svelte'
  import Table from '../../ui/Table.svelte'
  import { fullestFirst, unfinished } from './model.ts'

  const queues = new Resource<Queue[]>()
  const load = (): Promise<void> => queues.load(async (signal) => (await api.queues.list({ signal })).data)
  $effect(() => void load())
</script>

<Page holds="list">
  <Loaded what="the queues" of={queues} onretry={load}>
    {#snippet children(known: Queue[])}
      {#if known.length > 0}
        <Table
          caption="Queues, the fullest first"
          columns={[
            { id: 'name', label: 'Queue', phone: 'lead' },
            { id: 'unfinished', label: 'To do', align: 'end', phone: 'side' },
          ]}
          rows={fullestFirst(known)}
          key={(queue: Queue) => queue.name}
        >
          {#snippet cell(queue: Queue, column: string)}{#if column === 'unfinished'}{unfinished(queue)}{:else}{queue.name}{/if}{/snippet}
        </Table>
      {:else}
        <EmptyState title="No queues yet." />
      {/if}
    {/snippet}
  </Loaded>
</Page>
`
