// What keys do to a chart, beside moving from run to run.
import type { Chart } from './gantt.svelte.ts'
import type { Target } from './hit.ts'
import type { Command } from './keys.ts'
import type { ChartEvents } from './shown.ts'
import type { Tips } from './tips.ts'
import type { Move, Place } from './walker.ts'

/** What it is done with. */
export interface Deeds {
  chart: Chart
  tips: Tips
  events: ChartEvents
  /** What stands for the run that has the focus. */
  target: Target
  /** Around the run that has the focus. */
  zoom: (factor: number) => void
  /** Of the plot, in pixels. */
  width: number
  isFollowing: boolean
}

type Act = Exclude<Command, Move | { do: 'failure' }>

export const act = (command: Act, here: Place, deeds: Deeds): void => {
  const { chart, events, target } = deeds
  switch (command.do) {
    case 'zoom':
      return deeds.zoom(command.factor)
    case 'pan':
      return chart.panBy(command.share * deeds.width)
    case 'fit':
      return chart.fitTo(here.lane.told ? target : { kind: 'run', ...here })
    case 'fit-all':
      return chart.fitAll()
    case 'follow':
      return chart.setFollow(!deeds.isFollowing)
    case 'open':
    case 'select':
      return chart.choose(target, command.do)
    case 'pin':
      return pin(deeds)
    case 'page':
      return events.page(command.what)
    case 'history':
      return chart.step(command.by)
    case 'brush':
      return chart.marking.all()
    case 'pin-lane':
      return events.pin(here.lane.label)
    case 'dismiss':
      return dismiss(deeds)
    default:
      return command satisfies never
  }
}

const pin = ({ tips, target }: Deeds): void => {
  if (tips.shown?.pinned) tips.hide()
  else tips.pin(target)
}

/** First the tooltip, then the mark. */
const dismiss = ({ chart, tips }: Deeds): void => {
  if (tips.shown) chart.hideTip()
  else if (chart.marking.area) chart.marking.clear()
}
