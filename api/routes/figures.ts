// Routes of figures: the overview, what changed, the timeline, and all of them for Prometheus.
import { Readable } from 'node:stream'
import { metrics as metricRows } from '../../shared/metrics/contract.ts'
import { changes as changeRows } from '../../shared/changes/contract.ts'
import { timeline as timelineRows } from '../../shared/timeline/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { MetricsPage } from '../metrics/metrics.ts'
import type { Bind } from '../http/bind.ts'

export const bindFigures = (
  bind: Bind,
  { changes, metrics, rewind, timeline }: Rooms,
  page: Pick<MetricsPage, 'text'>,
): void => {
  // The row says text; what is no stream would be told as JSON.
  bind(metricRows.prometheus, async ({ principal }) =>
    reply(200, Readable.from([await page.text(principal)]) as unknown as string),
  )
  bind(metricRows.overview, async ({ principal, query: { as_of } }) =>
    reply(200, await (as_of === undefined ? metrics.overview(principal) : rewind.overview(principal, as_of))),
  )
  bind(metricRows.retry, async ({ principal, query }) => reply(200, await metrics.retry(principal, query)))
  bind(metricRows.timeseries, async ({ principal, query }) => reply(200, await metrics.timeseries(principal, query)))
  bind(changeRows.list, async ({ principal, query }) => reply(200, await changes.list(principal, query)))
  bind(timelineRows.spans, async ({ principal, query }) => reply(200, await timeline.spans(principal, query)))
  bind(timelineRows.cells, async ({ principal, query }) => reply(200, await timeline.cells(principal, query)))
  bind(timelineRows.marks, async ({ principal, query }) => reply(200, await timeline.marks(principal, query)))
  bind(timelineRows.annotations, async ({ principal, query }) =>
    reply(200, { data: await timeline.notes(principal, query) }),
  )
  bind(timelineRows.annotate, async ({ principal, body }) => reply(201, await timeline.annotate(principal, body)))
  bind(timelineRows.removeAnnotation, async ({ principal, params }) => {
    await timeline.removeNote(principal, params.annotation_id)
    return reply(204, null)
  })
}
