// What a chart's component does for as long as it is there: gives the chart its canvas, and has it drawn anew when the page looks different
// or is seen again.
import { onAppearance } from './appearance.ts'
import type { Chart } from './gantt.svelte.ts'
import { Stage } from './stage.ts'

export class Staging {
  /** How much larger than usual the reader's text is. */
  textScale = $state(1)

  /** Call it while a component is set up; the chart ends with the component. `scrollTo` scrolls the lanes. */
  constructor(chart: Chart, canvas: () => HTMLCanvasElement | undefined, scrollTo: (top: number) => void) {
    $effect(() => () => chart.close())
    $effect(() => {
      const drawn = canvas()
      if (!drawn) return
      const stage = new Stage(drawn, scrollTo)
      const show = (): void => {
        this.textScale = stage.textScale
        void stage.ready().then(() => (chart.stage = stage))
      }
      show()
      return onAppearance(() => {
        stage.read()
        show()
      })
    })
    $effect(() => {
      const draw = (): void => chart.invalidate()
      document.addEventListener('visibilitychange', draw)
      return () => document.removeEventListener('visibilitychange', draw)
    })
  }
}

/** Calls back with whether the reader wants things to move less, now and whenever that changes. Call it while a component is set up. */
export const onCalm = (tell: (calm: boolean) => void): void => {
  $effect(() => {
    const read = (): void => tell(document.documentElement.dataset['motion'] === 'reduced')
    read()
    return onAppearance(read)
  })
}
