// Routes of figures: the overview and the timeline.
import { metrics as metricRows } from '../../shared/metrics/contract.ts'
import { timeline as timelineRows } from '../../shared/timeline/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindFigures = (bind: Bind, { metrics, timeline }: Rooms): void => {
  bind(metricRows.overview, async ({ principal }) => reply(200, await metrics.overview(principal)))
  bind(metricRows.retry, async ({ principal, query }) => reply(200, await metrics.retry(principal, query)))
  bind(metricRows.timeseries, async ({ principal, query }) => reply(200, await metrics.timeseries(principal, query)))
  bind(timelineRows.spans, async ({ principal, query }) => reply(200, await timeline.spans(principal, query)))
}
